import { useState } from 'react';
import { may, session, useAsk } from '../api';
import { bytes, count, span } from '../live/look';
import { go, hashOf, usePlace } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { JsonTree } from '../ui/json-tree';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill } from '../ui/page';
import { dropRows, listQueues, peekRows, retryRows, ROW_STATES, type QueueRow } from './store';

const ROWS = 200;
const TONES = { waiting: 'quiet', retrying: 'warn', parked: 'warn', dead: 'bad' } as const;

export const NoStore = () => (
  <Empty title={t('absent.store')} icon="queues">
    {t('absent.store_hint')}
  </Empty>
);

/** `#/queues`, and `#/queues/<name>?state=dead`: durable edges, and the dead letters in them. */
export function QueuesPage() {
  const { parts, query } = usePlace();
  return parts[1] === undefined ? <Queues /> : <QueueRows key={parts[1]} name={parts[1]} state={query['state'] ?? ''} />;
}

function Queues() {
  const asked = useAsk(listQueues, []);
  return (
    <>
      <PageHead title={t('queues.title')} note={t('queues.note')}>
        <button onClick={asked.reload}>
          <Icon name="reload" />
          {t('state.reload')}
        </button>
      </PageHead>
      <Listing asked={asked} absent={<NoStore />}>
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
                cell: ({ retrying }) => count(retrying),
                numeric: true,
              },
              {
                key: 'parked',
                title: t('row.parked'),
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

function QueueRows({ name, state }: { readonly name: string; readonly state: string }) {
  const asked = useAsk(() => peekRows(name, state, ROWS), [name, state]);
  const allowed = may(useStore(session)?.scope, 'operate');
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [open, setOpen] = useState<QueueRow>();
  const [dropping, setDropping] = useState(false);
  const rows = asked.data?.rows ?? [];
  const marked = rows.filter(({ row }) => chosen.has(row)).map(({ row }) => row);
  const toggle = (row: number): void => {
    const next = new Set(chosen);
    if (!next.delete(row)) next.add(row);
    setChosen(next);
  };
  const after = (): void => {
    setChosen(new Set());
    asked.reload();
  };
  const can = { disabled: !allowed || marked.length === 0, title: allowed ? undefined : t('app.read_only.hint') };
  return (
    <>
      <PageHead title={name} note={<a href={hashOf(['queues'])}>{t('queues.back')}</a>}>
        <button {...can} onClick={() => void attempt(() => retryRows(name, marked), t('queues.retried', { n: marked.length })).then(after)}>
          <Icon name="reload" />
          {t('queues.retry', { n: marked.length })}
        </button>
        <button {...can} className="danger" onClick={() => setDropping(true)}>
          <Icon name="trash" />
          {t('queues.drop', { n: marked.length })}
        </button>
      </PageHead>
      <Listing asked={asked} absent={<NoStore />}>
        {() => (
          <DataTable
            label={name}
            rows={rows}
            rowKey={({ row }) => String(row)}
            onOpen={setOpen}
            filters={
              <>
                <select
                  aria-label={t('column.state')}
                  value={state}
                  onChange={(event) => go(['queues', name], { state: event.target.value }, { replace: true })}
                >
                  <option value="">
                    {t('column.state')}: {t('table.all')}
                  </option>
                  {ROW_STATES.map((one) => (
                    <option key={one} value={one}>
                      {t(`row.${one}`)}
                    </option>
                  ))}
                </select>
                <button
                  onClick={() => setChosen(new Set(marked.length === rows.length ? [] : rows.map(({ row }) => row)))}
                  disabled={rows.length === 0}
                >
                  {marked.length === rows.length && rows.length > 0 ? t('queues.mark_none') : t('queues.mark_all', { n: rows.length })}
                </button>
              </>
            }
            columns={[
              { key: 'row', title: t('column.row'), value: ({ row }) => row },
              {
                key: 'mark',
                title: t('queues.mark'),
                sortable: false,
                value: () => '',
                cell: ({ row }) => (
                  <input
                    type="checkbox"
                    aria-label={t('queues.mark_row', { row })}
                    checked={chosen.has(row)}
                    onClick={(event) => event.stopPropagation()}
                    onChange={() => toggle(row)}
                  />
                ),
              },
              {
                key: 'state',
                title: t('column.state'),
                value: (row) => row.state,
                cell: (row) => <Pill tone={TONES[row.state]}>{t(`row.${row.state}`)}</Pill>,
              },
              { key: 'key', title: t('column.key'), value: ({ key }) => key, wide: true },
              { key: 'attempts', title: t('column.attempts'), value: ({ attempts }) => attempts, numeric: true },
              { key: 'age', title: t('column.age'), value: ({ age_ms }) => age_ms, cell: ({ age_ms }) => span(age_ms), numeric: true },
              {
                key: 'error',
                title: t('column.last_error'),
                value: ({ error, why }) => error ?? why,
                cell: ({ error, why }) => <span className="wraps">{error ?? why}</span>,
                wide: true,
              },
            ]}
            empty={<Empty title={t('queues.no_rows')} icon="queues" />}
          />
        )}
      </Listing>
      {open !== undefined && (
        <Dialog title={t('queues.row', { row: open.row })} onClose={() => setOpen(undefined)}>
          <div className="dialog-text">
            <p>{open.why}</p>
            {open.error !== null && <p className="notice bad">{open.error}</p>}
            <JsonTree value={{ kind: open.kind, source_id: open.source_id, payload: open.payload, meta: open.meta }} open={3} />
          </div>
        </Dialog>
      )}
      {dropping && <DropDialog name={name} rows={marked} onDone={after} onClose={() => setDropping(false)} />}
    </>
  );
}

function DropDialog({
  name,
  rows,
  onDone,
  onClose,
}: {
  readonly name: string;
  readonly rows: readonly number[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const drop = (): void => {
    void attempt(() => dropRows(name, rows, reason.trim()), t('queues.dropped', { n: rows.length })).then((well) => well && onDone());
    onClose();
  };
  return (
    <Dialog title={t('queues.drop_title', { n: rows.length })} onClose={onClose}>
      <form onSubmit={(event) => (event.preventDefault(), drop())}>
        <div className="dialog-text">
          <p>{t('queues.drop_text', { name })}</p>
          <label className="field">
            {t('run.cancel_reason')}
            <input type="text" value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
          </label>
        </div>
        <footer>
          <button type="button" onClick={onClose}>
            {t('dialog.cancel')}
          </button>
          <button className="danger">{t('queues.drop', { n: rows.length })}</button>
        </footer>
      </form>
    </Dialog>
  );
}
