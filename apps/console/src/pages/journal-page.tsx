import { useState } from 'react';
import { useAsk } from '../api';
import { t } from '../strings';
import { DataTable } from '../ui/data-table';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { JsonTree } from '../ui/json-tree';
import { Listing } from '../ui/listing';
import { Empty, PageHead } from '../ui/page';
import { When } from '../ui/when';
import { NoStore } from './queues-page';
import { queryJournal, type JournalRow } from './store';

const MOST = 500;

/** `#/journal`: every change of a durable thing. */
export function JournalPage() {
  const [filter, setFilter] = useState({ machine: '', entity: '', run: '' });
  const asked = useAsk(() => queryJournal({ ...filter, limit: MOST }), [filter]);
  const [open, setOpen] = useState<JournalRow>();
  return (
    <>
      <PageHead title={t('nav.journal')} note={t('journal.note')}>
        <button onClick={asked.reload}>
          <Icon name="reload" />
          {t('state.reload')}
        </button>
      </PageHead>
      <Listing asked={asked} absent={<NoStore />}>
        {({ rows }) => (
          <DataTable
            label={t('nav.journal')}
            rows={rows}
            rowKey={({ seq }) => String(seq)}
            onOpen={setOpen}
            sort={{ key: 'seq', down: true }}
            pageSize={50}
            filters={(['machine', 'entity', 'run'] as const).map((name) => (
              <label key={name} className="field">
                {t(`journal.${name}`)}
                <input type="text" value={filter[name]} onChange={(event) => setFilter({ ...filter, [name]: event.target.value.trim() })} />
              </label>
            ))}
            columns={[
              { key: 'seq', title: '#', value: ({ seq }) => seq },
              { key: 'at', title: t('column.at'), value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
              { key: 'machine', title: t('journal.machine'), value: ({ machine }) => machine },
              { key: 'entity', title: t('journal.entity'), value: ({ entity }) => entity, cell: ({ entity }) => <code>{entity}</code> },
              {
                key: 'change',
                title: t('column.change'),
                value: ({ from_state, to_state }) => `${from_state ?? ''} ${to_state}`,
                cell: ({ from_state, to_state }) => `${from_state ?? '∅'} → ${to_state}`,
              },
              { key: 'actor', title: t('column.actor'), value: ({ actor }) => actor, wide: true },
              {
                key: 'reason',
                title: t('column.reason'),
                value: ({ reason }) => reason,
                cell: ({ reason }) => <span className="wraps">{reason}</span>,
                wide: true,
              },
            ]}
            empty={<Empty title={t('journal.none')} icon="journal" />}
          />
        )}
      </Listing>
      {open !== undefined && (
        <Dialog title={`#${open.seq} ${open.machine} ${open.entity}`} onClose={() => setOpen(undefined)}>
          <div className="dialog-text">
            <JsonTree value={open} open={3} />
          </div>
        </Dialog>
      )}
    </>
  );
}
