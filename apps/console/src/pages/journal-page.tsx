import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, finished, may, session, useAsk, useSettled } from '../api';
import { usePlace } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt, say } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Reload, Word } from '../ui/filters';
import { Icon } from '../ui/icon';
import { Listing } from '../ui/listing';
import { Empty, PageHead } from '../ui/page';
import { RecordDialog } from '../ui/record-dialog';
import { When } from '../ui/when';

const MOST = 500;
const WORDS = ['machine', 'entity', 'run', 'actor', 'to'] as const;
const NO_WORDS = { machine: '', entity: '', run: '', actor: '', to: '' };

/** The result of POST /api/v1/journal/verify. */
interface Verified {
  readonly ok: boolean;
  readonly rows: number;
  readonly faults: readonly { readonly message: string }[];
}

/** `#/journal`: every change of a durable thing. */
export function JournalPage() {
  const allowed = may(useStore(session)?.scope, 'operate');
  const { query: place } = usePlace();
  const [words, setWords] = useState({ ...NO_WORDS, run: place['run'] ?? '' });
  const [until, setUntil] = useState<number>();
  const asked_for = useSettled(words);
  const query = {
    limit: MOST,
    ...Object.fromEntries(Object.entries(asked_for).filter(([, word]) => word !== '')),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
  const asked = useAsk(() => ask(api.GET('/api/v1/journal', { params: { query } })), [query], { keep: true });
  const [open, setOpen] = useState<Api['JournalRow']>();
  const verify = (): void =>
    void attempt(async () => {
      const { result } = await finished((await ask(api.POST('/api/v1/journal/verify'))).job);
      const { ok, rows, faults } = result as unknown as Verified;
      if (!ok) throw new Error(t('journal.faults', { n: faults.length, first: faults[0]!.message }));
      say(t('journal.verified', { n: rows }));
    });
  return (
    <>
      <PageHead title={t('nav.journal')} note={t('journal.note')}>
        <button disabled={!allowed} title={allowed ? undefined : t('app.read_only.hint')} onClick={verify}>
          <Icon name="check" />
          {t('audit.verify')}
        </button>
        <Reload asked={asked} />
      </PageHead>
      <Listing asked={asked} absent={<Empty title={t('absent.graphs')} icon="journal" />}>
        {({ rows }) => (
          <DataTable
            label={t('nav.journal')}
            rows={rows}
            rowKey={({ seq }) => String(seq)}
            onOpen={setOpen}
            sort={{ key: 'seq', down: true }}
            pageSize={50}
            filters={
              <>
                {WORDS.map((name) => (
                  <Word
                    key={name}
                    label={t(`journal.${name}`)}
                    value={words[name]}
                    onChange={(word) => setWords({ ...words, [name]: word })}
                  />
                ))}
                {until !== undefined && <button onClick={() => setUntil(undefined)}>{t('journal.newest')}</button>}
                {rows.length === MOST && <button onClick={() => setUntil(rows[0]!.at)}>{t('journal.older')}</button>}
              </>
            }
            columns={[
              { key: 'seq', title: '#', value: ({ seq }) => seq },
              { key: 'at', title: t('column.at'), value: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
              { key: 'machine', title: t('journal.machine'), value: ({ machine }) => machine, wide: true },
              {
                key: 'entity',
                title: t('journal.entity'),
                value: ({ entity }) => entity,
                cell: ({ entity }) => <code className="wraps">{entity}</code>,
              },
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
            empty={
              <Empty title={t(Object.values(asked_for).some(Boolean) ? 'journal.none' : 'journal.empty')} icon="journal">
                {t('journal.empty_hint')}
              </Empty>
            }
          />
        )}
      </Listing>
      {open !== undefined && (
        <RecordDialog title={`#${open.seq} ${open.machine} ${open.entity}`} value={open} onClose={() => setOpen(undefined)} />
      )}
    </>
  );
}
