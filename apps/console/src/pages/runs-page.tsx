import { useEffect, useState } from 'react';
import { api, ask, may, session, useAsk } from '../api';
import { events, live } from '../live/live';
import { span, toneOfRun } from '../live/look';
import { Tabs } from '../ui/tabs';
import { go, usePlace } from '../router';
import { useSelected, useStore } from '../store';
import { t } from '../strings';
import { attempt, say } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Choice } from '../ui/filters';
import { Icon } from '../ui/icon';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill } from '../ui/page';
import { reasonsColumn } from '../ui/reasons';
import { When } from '../ui/when';
import { Records } from './records';

const STATES = ['starting', 'running', 'draining', 'done'] as const;

/** `#/runs`: those that go, and the last that ended; `#/runs/record`: those that the store remembers. */
export function RunsPage() {
  const graphs = useAsk(() => ask(api.GET('/api/v1/graphs')), []);
  const allowed = may(useStore(session)?.scope, 'operate');
  const [graph, setGraph] = useState('');
  const tab = usePlace().parts[1] === 'record' ? 'record' : 'here';
  const start = (): void =>
    void attempt(async () => {
      const { run } = await ask(api.POST('/api/v1/runs', { body: { graph } }));
      say(t('run.started', { run: run.id }));
      go(['live', run.id]);
    });
  return (
    <>
      <PageHead title={t('nav.runs')}>
        {graphs.data !== undefined && (
          <form className="inline" onSubmit={(event) => (event.preventDefault(), start())}>
            <select aria-label={t('column.graph')} value={graph} onChange={(event) => setGraph(event.target.value)}>
              <option value="">{t('runs.choose')}</option>
              {graphs.data.graphs.map(({ name, errors }) => (
                <option key={name} value={name} disabled={errors > 0}>
                  {name}
                </option>
              ))}
            </select>
            <button className="primary" disabled={graph === '' || !allowed} title={allowed ? undefined : t('app.read_only.hint')}>
              <Icon name="play" />
              {t('runs.start')}
            </button>
          </form>
        )}
      </PageHead>
      <div className="tabs-row">
        <Tabs
          label={t('nav.runs')}
          tabs={[
            { id: 'here', title: t('runs.here') },
            { id: 'record', title: t('runs.recorded') },
          ]}
          chosen={tab}
          onChoose={(id) => go(['runs', ...(id === 'record' ? [id] : [])])}
        />
      </div>
      {tab === 'record' ? <Records /> : <Runs />}
    </>
  );
}

function Runs() {
  const asked = useAsk(() => ask(api.GET('/api/v1/runs')), []);
  const [state, setState] = useState<(typeof STATES)[number] | ''>('');
  // What changes a run is told by an event.
  const turn = useSelected(events, (all) => all.findLast(({ entity }) => entity.kind === 'run')?.cursor);
  const going = useSelected(live, ({ runs }) => [...runs.keys()].join());
  useEffect(() => asked.reload(), [turn, going, asked.reload]);
  return (
    <Listing asked={asked}>
      {({ runs }) => (
        <DataTable
          label={t('nav.runs')}
          rows={runs.filter((run) => state === '' || run.state === state)}
          rowKey={({ id }) => id}
          onOpen={({ id }) => go(['live', id])}
          sort={{ key: 'started', down: true }}
          filters={
            <Choice label={t('column.state')} of={STATES} title={(one) => t(`run.state.${one}`)} value={state} onChange={setState} />
          }
          columns={[
            { key: 'id', title: t('column.run'), value: ({ id }) => id },
            { key: 'graph', title: t('column.graph'), value: (run) => run.graph_name ?? run.graph, wide: true },
            {
              key: 'state',
              title: t('column.state'),
              value: (run) => `${run.state} ${run.status}`,
              cell: (run) => (
                <Pill tone={toneOfRun(run)}>
                  {t(`run.state.${run.state}`)}
                  {run.status !== 'ok' && `, ${t(`run.status.${run.status}`)}`}
                </Pill>
              ),
            },
            {
              key: 'started',
              title: t('column.started'),
              value: ({ started_at }) => started_at,
              cell: ({ started_at }) => <When at={started_at} />,
            },
            {
              key: 'duration',
              title: t('column.duration'),
              value: ({ duration_ms }) => duration_ms,
              cell: ({ duration_ms }) => span(duration_ms),
              numeric: true,
            },
            {
              key: 'plan',
              title: t('figure.plan'),
              value: ({ plan_hash }) => plan_hash,
              cell: ({ plan_hash }) => <code title={plan_hash}>{plan_hash.slice(0, 12)}</code>,
              wide: true,
            },
            reasonsColumn(),
          ]}
          empty={
            <Empty title={t('live.no_runs')} icon="runs">
              {t('live.no_runs_hint')}
            </Empty>
          }
        />
      )}
    </Listing>
  );
}
