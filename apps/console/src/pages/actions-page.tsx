import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, may, session, useAsk } from '../api';
import { hashOf } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Dialog } from '../ui/dialog';
import { Reload } from '../ui/filters';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill } from '../ui/page';
import { When } from '../ui/when';

type Action = Api['Action'];
const MOST = 500;

/** `#/actions`: what waits for a person. */
export function ActionsPage() {
  /** Where the pages begin that were gone through, this one last. */
  const [pages, setPages] = useState<readonly string[]>([]);
  const query = { limit: MOST, ...(pages.length === 0 ? {} : { after: pages.at(-1)! }) };
  const asked = useAsk(() => ask(api.GET('/api/v1/actions', { params: { query } })), [query], { every: 10_000 });
  const allowed = may(useStore(session)?.scope, 'operate');
  const [deciding, setDeciding] = useState<Action>();
  return (
    <>
      <PageHead title={t('nav.actions')} note={t('actions.note')}>
        <Reload asked={asked} />
      </PageHead>
      <Listing asked={asked} absent={<Empty title={t('absent.graphs')} icon="actions" />}>
        {({ actions, next }) => (
          <DataTable
            label={t('nav.actions')}
            rows={actions}
            rowKey={({ id }) => id}
            {...(pages.length === 0 && next === null
              ? {}
              : {
                  filters: (
                    <>
                      {pages.length > 0 && <button onClick={() => setPages(pages.slice(0, -1))}>{t('table.previous')}</button>}
                      {next !== null && <button onClick={() => setPages([...pages, next])}>{t('table.next')}</button>}
                    </>
                  ),
                })}
            columns={[
              { key: 'id', title: t('actions.effect'), value: ({ id }) => id, cell: ({ id }) => <code className="wraps">{id}</code> },
              {
                key: 'run',
                title: t('column.run'),
                value: ({ run }) => run,
                cell: ({ run }) => <a href={hashOf(['runs', 'record'])}>{run}</a>,
                wide: true,
              },
              {
                key: 'state',
                title: t('column.state'),
                value: ({ state }) => state,
                cell: ({ state }) => <Pill tone="warn">{state}</Pill>,
              },
              { key: 'since', title: t('column.at'), value: ({ since }) => since, cell: ({ since }) => <When at={since} />, wide: true },
              {
                key: 'reason',
                title: t('column.reason'),
                value: ({ reason }) => reason,
                cell: ({ reason }) => <span className="wraps">{reason}</span>,
                wide: true,
              },
              {
                key: 'do',
                title: '',
                sortable: false,
                value: () => '',
                cell: (action) => (
                  <button
                    disabled={!allowed}
                    title={allowed ? undefined : t('app.read_only.hint')}
                    aria-label={t('actions.decide_one', { id: action.id })}
                    onClick={() => setDeciding(action)}
                  >
                    {t('actions.decide')}
                  </button>
                ),
              },
            ]}
            empty={
              <Empty title={t('actions.none')} icon="actions">
                {t('actions.hint')}
              </Empty>
            }
          />
        )}
      </Listing>
      {deciding !== undefined && <Decide action={deciding} onClose={() => (setDeciding(undefined), asked.reload())} />}
    </>
  );
}

function Decide({ action, onClose }: { readonly action: Action; readonly onClose: () => void }) {
  const [reason, setReason] = useState('');
  const decide = (happened: boolean): void =>
    void attempt(
      () =>
        ask(
          api.POST('/api/v1/actions/decide', {
            body: { id: action.id, happened, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) },
          }),
        ),
      t(happened ? 'actions.did_happen' : 'actions.did_not_happen', { id: action.id }),
    ).then((well) => well && onClose());
  return (
    <Dialog title={t('actions.question')} onClose={onClose}>
      <div className="dialog-text">
        <p>
          <code className="wraps">{action.id}</code>
        </p>
        <p>{t('actions.question_text')}</p>
        <label className="field">
          {t('run.cancel_reason')}
          <input type="text" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </label>
      </div>
      <footer>
        <button onClick={onClose}>{t('dialog.cancel')}</button>
        <button onClick={() => decide(false)}>{t('actions.no')}</button>
        <button className="primary" onClick={() => decide(true)}>
          {t('actions.yes')}
        </button>
      </footer>
    </Dialog>
  );
}
