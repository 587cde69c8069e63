import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, may, session, useAsk, useSettled } from '../api';
import { span } from '../live/look';
import { go, hashOf } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt, say } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Confirm } from '../ui/dialog';
import { Choice, Reload, Word } from '../ui/filters';
import { Icon } from '../ui/icon';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill } from '../ui/page';
import { RecordDialog } from '../ui/record-dialog';

type Row = Api['QueueRow'];
type State = Row['state'];
const STATES = ['waiting', 'retrying', 'parked', 'dead'] as const;
const TONES = { waiting: 'quiet', retrying: 'warn', parked: 'warn', dead: 'bad' } as const;
/** As many rows as the API gives at once. */
const MOST = 500;

/** The rows of a queue: looked into, tried again, dropped. */
export function QueueRows({ name, state: wanted }: { readonly name: string; readonly state: string }) {
  const state: State | '' = STATES.find((one) => one === wanted) ?? '';
  const [key, setKey] = useState('');
  const settled = useSettled(key);
  const [after, setAfter] = useState(0);
  const filter = { ...(state === '' ? {} : { state }), ...(settled === '' ? {} : { key: settled }) };
  const path = { path: { name } };
  const asked = useAsk(
    () => ask(api.GET('/api/v1/queues/{name}/rows', { params: { ...path, query: { ...filter, after, limit: MOST } } })),
    [name, filter, after],
    { keep: true, every: 4_000 },
  );
  const allowed = may(useStore(session)?.scope, 'operate');
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [open, setOpen] = useState<Row>();
  const [dropping, setDropping] = useState(false);
  const rows = asked.data?.rows ?? [];
  const marked = rows.filter(({ row }) => chosen.has(row)).map(({ row }) => row);
  const toggle = (row: number): void => {
    const next = new Set(chosen);
    if (!next.delete(row)) next.add(row);
    setChosen(next);
  };
  const change = (verb: 'retry' | 'drop'): Promise<boolean> =>
    attempt(async () => {
      const done =
        verb === 'retry'
          ? await ask(api.POST('/api/v1/queues/{name}/retry', { params: path, body: { rows: marked } }))
          : await ask(api.POST('/api/v1/queues/{name}/drop', { params: path, body: { rows: marked, confirm: name } }));
      say(t(verb === 'retry' ? 'queues.retried' : 'queues.dropped', { n: done.rows }));
      setChosen(new Set());
      asked.reload();
    });
  const can = {
    disabled: !allowed || marked.length === 0,
    title: !allowed ? t('app.read_only.hint') : marked.length === 0 ? t('queues.mark_first') : undefined,
  };
  return (
    <>
      <PageHead title={name} note={<a href={hashOf(['queues'])}>{t('queues.back')}</a>}>
        <button {...can} onClick={() => void change('retry')}>
          <Icon name="play" />
          {t('queues.retry', { n: marked.length })}
        </button>
        <button {...can} className="danger" onClick={() => setDropping(true)}>
          <Icon name="trash" />
          {t('queues.drop', { n: marked.length })}
        </button>
        <Reload asked={asked} />
      </PageHead>
      <Listing asked={asked}>
        {() => (
          <DataTable
            label={name}
            rows={rows}
            rowKey={({ row }) => String(row)}
            onOpen={setOpen}
            filters={
              <>
                <Choice
                  label={t('column.state')}
                  of={STATES}
                  title={(one) => t(`row.${one}`)}
                  value={state}
                  onChange={(one) => go(['queues', name], { state: one }, { replace: true })}
                />
                <Word label={t('column.key')} value={key} onChange={(word) => (setKey(word), setAfter(0))} />
                <button
                  onClick={() => setChosen(new Set(marked.length === rows.length ? [] : rows.map(({ row }) => row)))}
                  disabled={rows.length === 0}
                >
                  {marked.length === rows.length && rows.length > 0 ? t('queues.mark_none') : t('queues.mark_all', { n: rows.length })}
                </button>
                {after > 0 && <button onClick={() => setAfter(0)}>{t('queues.first')}</button>}
                {rows.length === MOST && <button onClick={() => setAfter(rows.at(-1)!.row)}>{t('queues.further')}</button>}
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
              { key: 'key', title: t('column.key'), value: (row) => row.key, wide: true },
              { key: 'attempts', title: t('column.attempts'), value: ({ attempts }) => attempts, numeric: true },
              { key: 'age', title: t('column.age'), value: ({ age_ms }) => age_ms, cell: ({ age_ms }) => span(age_ms), numeric: true },
              {
                key: 'why',
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
        <RecordDialog title={t('queues.row', { row: open.row })} value={lookOf(open)} onClose={() => setOpen(undefined)}>
          <p>{open.why}</p>
          {open.error !== null && <p className="notice bad">{open.error}</p>}
          {open.damaged && <p className="notice bad">{t('queues.damaged')}</p>}
        </RecordDialog>
      )}
      {dropping && (
        <Confirm
          title={t('queues.drop_title', { n: marked.length })}
          text={<p>{t('queues.drop_text', { name })}</p>}
          verb={t('queues.drop', { n: marked.length })}
          danger
          onConfirm={() => change('drop')}
          onClose={() => setDropping(false)}
        />
      )}
    </>
  );
}

/** What a person wants to see of a row first. */
function lookOf({ payload, kind, source_id, id, key, priority, at, due, bytes, meta }: Row): unknown {
  return {
    payload,
    packet: { kind, source_id, meta },
    row: { id, key, priority, bytes, at: new Date(at).toISOString(), due: due === null ? null : new Date(due).toISOString() },
  };
}
