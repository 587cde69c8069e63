import { api, ask, useAsk } from '../api';
import { bytes, count, span } from '../live/look';
import { go, usePlace } from '../router';
import { t } from '../strings';
import { DataTable } from '../ui/data-table';
import { Reload } from '../ui/filters';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill } from '../ui/page';
import { QueueRows } from './queue-rows';

/** `#/queues`, and `#/queues/<name>?state=dead`: durable edges, and the dead letters in them. */
export function QueuesPage() {
  const { parts, query } = usePlace();
  return parts[1] === undefined ? <Queues /> : <QueueRows key={parts[1]} name={parts[1]} state={query['state'] ?? ''} />;
}

function Queues() {
  const asked = useAsk(() => ask(api.GET('/api/v1/queues')), [], { every: 2_000 });
  return (
    <>
      <PageHead title={t('queues.title')} note={t('queues.note')}>
        <Reload asked={asked} />
      </PageHead>
      <Listing asked={asked} absent={<Empty title={t('absent.graphs')} icon="queues" />}>
        {({ queues }) => (
          <DataTable
            label={t('queues.title')}
            rows={queues}
            rowKey={({ name }) => name}
            onOpen={({ name, dead }) => go(['queues', name], { state: dead > 0 ? 'dead' : undefined })}
            sort={{ key: 'dead', down: true }}
            columns={[
              { key: 'name', title: t('column.queue'), value: ({ name }) => name },
              { key: 'rows', title: t('column.rows'), value: ({ rows }) => rows, cell: ({ rows }) => count(rows), numeric: true },
              {
                key: 'dead',
                title: t('row.dead'),
                value: ({ dead }) => dead,
                cell: ({ dead }) => (dead > 0 ? <Pill tone="bad">{count(dead)}</Pill> : '0'),
                numeric: true,
              },
              {
                key: 'retrying',
                title: t('row.retrying'),
                value: ({ retrying }) => retrying,
                cell: ({ retrying, next_try_ms }) =>
                  next_try_ms === null ? count(retrying) : t('queues.next_try', { n: count(retrying), in: span(next_try_ms) }),
                numeric: true,
              },
              {
                key: 'parked',
                title: t('queues.parked_keys'),
                value: ({ parked }) => parked,
                cell: ({ parked }) => count(parked),
                numeric: true,
                wide: true,
              },
              {
                key: 'oldest',
                title: t('column.oldest'),
                value: ({ oldest_ms }) => oldest_ms,
                cell: ({ oldest_ms }) => (oldest_ms === null ? '–' : span(oldest_ms)),
                numeric: true,
                wide: true,
              },
              {
                key: 'bytes',
                title: t('column.size'),
                value: (queue) => queue.bytes,
                cell: (queue) => bytes(queue.bytes),
                numeric: true,
                wide: true,
              },
              { key: 'readers', title: t('column.readers'), value: ({ readers }) => readers, numeric: true, wide: true },
            ]}
            empty={
              <Empty title={t('queues.none')} icon="queues">
                {t('queues.none_hint')}
              </Empty>
            }
          />
        )}
      </Listing>
    </>
  );
}
