import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, useAsk } from '../api';
import { count } from '../live/look';
import { hashOf } from '../router';
import { t } from '../strings';
import { DataTable } from '../ui/data-table';
import { Dialog } from '../ui/dialog';
import { Listing } from '../ui/listing';
import { Empty, Pill, type Tone } from '../ui/page';
import { reasonsColumn } from '../ui/reasons';
import { When } from '../ui/when';

type RecordedRun = Api['RecordedRun'];

const toneOf = (state: string): Tone =>
  state === 'failed' ? 'bad' : state === 'completed' ? 'ok' : state === 'stopped' || state === 'canceled' ? 'quiet' : 'busy';

/** `#/runs/record`: runs that the store remembers, of this process and of earlier ones. */
export function Records() {
  const asked = useAsk(() => ask(api.GET('/api/v1/records', { params: { query: { limit: 1000 } } })), [], { every: 5_000 });
  const [open, setOpen] = useState<RecordedRun>();
  return (
    <Listing asked={asked} absent={<Empty title={t('absent.graphs')} icon="runs" />}>
      {({ runs }) => (
        <>
          <DataTable
            label={t('runs.recorded')}
            rows={runs}
            rowKey={({ id }) => id}
            onOpen={setOpen}
            sort={{ key: 'at', down: true }}
            columns={[
              { key: 'id', title: t('column.run'), value: ({ id }) => id },
              { key: 'graph', title: t('column.graph'), value: ({ graph }) => graph, wide: true },
              {
                key: 'state',
                title: t('column.state'),
                value: ({ state }) => state,
                cell: ({ state }) => <Pill tone={toneOf(state)}>{state}</Pill>,
              },
              { key: 'at', title: t('column.at'), value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
              reasonsColumn(),
            ]}
            empty={
              <Empty title={t('runs.none_recorded')} icon="runs">
                {t('runs.none_recorded_hint')}
              </Empty>
            }
          />
          {open !== undefined && <RecordOf run={open.id} onClose={() => setOpen(undefined)} />}
        </>
      )}
    </Listing>
  );
}

/** How the node runs of a run ended. */
function RecordOf({ run, onClose }: { readonly run: string; readonly onClose: () => void }) {
  const asked = useAsk(() => ask(api.GET('/api/v1/records/{id}', { params: { path: { id: run } } })), [run]);
  return (
    <Dialog title={run} onClose={onClose}>
      <div className="dialog-text">
        <Listing asked={asked}>
          {({ node_runs, open }) => (
            <>
              <DataTable
                label={t('runs.node_runs')}
                rows={node_runs}
                rowKey={({ node, state }) => `${node} ${state}`}
                plain
                columns={[
                  { key: 'node', title: t('column.node'), value: ({ node }) => node },
                  { key: 'state', title: t('column.state'), value: ({ state }) => state },
                  { key: 'n', title: t('runs.node_runs'), value: ({ n }) => n, cell: ({ n }) => count(n), numeric: true },
                ]}
                empty={<p className="soft">{t('runs.no_node_runs')}</p>}
              />
              {open.some(({ state }) => state === 'uncertain') && (
                <p className="notice warn">
                  <a href={hashOf(['actions'])}>{t('runs.uncertain', { n: open.filter(({ state }) => state === 'uncertain').length })}</a>
                </p>
              )}
            </>
          )}
        </Listing>
        <p>
          <a href={hashOf(['journal'], { run })}>{t('runs.in_journal')}</a>
        </p>
      </div>
    </Dialog>
  );
}
