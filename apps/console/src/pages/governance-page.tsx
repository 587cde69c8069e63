import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, may, session, useAsk, useSettled, type Scope } from '../api';
import { Facts } from '../ui/facts';
import { Tabs } from '../ui/tabs';
import { go, usePlace } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt, say } from '../toasts';
import { DataTable } from '../ui/data-table';
import { Confirm, Dialog } from '../ui/dialog';
import { Choice, Reload, Word } from '../ui/filters';
import { Icon } from '../ui/icon';
import { Listing } from '../ui/listing';
import { Empty, PageHead, Pill } from '../ui/page';
import { RecordDialog } from '../ui/record-dialog';
import { When } from '../ui/when';

const TABS = ['audit', 'policy', 'tokens'] as const;
const SCOPES: readonly Scope[] = ['read', 'operate', 'admin'];

/** `#/governance/audit|policy|tokens`: who may what, and who did what. */
export function GovernancePage() {
  const { parts } = usePlace();
  const tab = TABS.find((one) => one === parts[1]) ?? 'audit';
  return (
    <>
      <PageHead title={t('nav.governance')} />
      <div className="tabs-row">
        <Tabs
          label={t('nav.governance')}
          tabs={TABS.map((id) => ({ id, title: t(`governance.${id}`) }))}
          chosen={tab}
          onChoose={(id) => go(['governance', id])}
        />
      </div>
      {tab === 'audit' && <Audit />}
      {tab === 'policy' && <Policy />}
      {tab === 'tokens' && <Tokens />}
    </>
  );
}

type AuditRecord = Api['AuditRecord'];
const AUDIT_TONES = { ok: 'ok', denied: 'warn', error: 'bad' } as const;
const MOST_RECORDS = 500;

function Audit() {
  const [status, setStatus] = useState<'' | AuditRecord['status']>('');
  const [words, setWords] = useState({ action: '', actor: '' });
  const { action, actor } = useSettled(words);
  const query = {
    limit: MOST_RECORDS,
    ...(status === '' ? {} : { status }),
    ...(action === '' ? {} : { action }),
    ...(actor === '' ? {} : { actor }),
  };
  const asked = useAsk(() => ask(api.GET('/api/v1/audit', { params: { query } })), [query], { keep: true });
  const [open, setOpen] = useState<AuditRecord>();
  const verify = (): void =>
    void attempt(async () => {
      const { verified } = await ask(api.GET('/api/v1/audit/verify'));
      if (!verified.ok) throw new Error(verified.fault);
      say(t('audit.verified', { n: verified.records, files: verified.files }));
    });
  return (
    <Listing asked={asked}>
      {({ records }) => (
        <>
          <DataTable
            label={t('governance.audit')}
            rows={records}
            rowKey={({ event_id }) => event_id}
            onOpen={setOpen}
            sort={{ key: 'ts', down: true }}
            filters={
              <>
                <Choice
                  label={t('column.outcome')}
                  of={['ok', 'denied', 'error']}
                  title={(one) => t(`audit.${one}`)}
                  value={status}
                  onChange={setStatus}
                />
                {(['action', 'actor'] as const).map((name) => (
                  <Word
                    key={name}
                    label={t(`column.${name}`)}
                    value={words[name]}
                    onChange={(word) => setWords({ ...words, [name]: word })}
                  />
                ))}
                <Reload asked={asked} />
                <button onClick={verify}>
                  <Icon name="check" />
                  {t('audit.verify')}
                </button>
              </>
            }
            columns={[
              { key: 'ts', title: t('column.at'), value: ({ ts }) => ts, cell: ({ ts }) => <When at={ts} /> },
              { key: 'actor', title: t('column.actor'), value: (record) => record.actor },
              {
                key: 'action',
                title: t('column.action'),
                value: (record) => record.action,
                cell: (record) => <code>{record.action}</code>,
              },
              {
                key: 'target',
                title: t('column.target'),
                value: ({ target }) => target,
                cell: ({ target }) => <span className="wraps">{target}</span>,
              },
              {
                key: 'status',
                title: t('column.outcome'),
                value: (record) => record.status,
                cell: (record) => <Pill tone={AUDIT_TONES[record.status]}>{t(`audit.${record.status}`)}</Pill>,
              },
              {
                key: 'reason',
                title: t('column.reason'),
                value: ({ reason }) => reason,
                cell: ({ reason }) => (reason === 'ok' ? '' : <code>{reason}</code>),
                wide: true,
              },
            ]}
            empty={
              <Empty title={t('audit.none')} icon="governance">
                {t('audit.none_hint')}
              </Empty>
            }
          />
          {open !== undefined && <RecordDialog title={`${open.action} ${open.target}`} value={open} onClose={() => setOpen(undefined)} />}
        </>
      )}
    </Listing>
  );
}

/** What GET /api/v1/policy gives. */
interface PolicyShape {
  readonly mode: 'local' | 'token';
  readonly local_mutations: boolean;
  readonly origins: readonly string[];
  readonly audit: { readonly enabled: boolean; readonly max_bytes: number; readonly max_files: number };
  readonly routes: readonly { readonly method: string; readonly url: string; readonly scope: string; readonly action?: string }[];
}

function Policy() {
  const asked = useAsk(() => ask(api.GET('/api/v1/policy')), []);
  return (
    <Listing asked={asked}>
      {(data) => {
        const policy = data.policy as unknown as PolicyShape;
        return (
          <>
            <div className="card pad policy-facts">
              <Facts
                facts={[
                  [t('dashboard.security'), t(`security.${policy.mode}`)],
                  [t('policy.local_mutations'), t(policy.local_mutations ? 'policy.allowed' : 'policy.refused')],
                  [t('policy.origins'), policy.origins.length === 0 ? t('policy.own_only') : policy.origins.join(', ')],
                  [
                    t('governance.audit'),
                    policy.audit.enabled
                      ? t('policy.audit', { files: policy.audit.max_files, mb: policy.audit.max_bytes / 1024 ** 2 })
                      : t('policy.no_audit'),
                  ],
                ]}
              />
            </div>
            <DataTable
              label={t('policy.routes')}
              rows={policy.routes}
              rowKey={({ method, url }) => `${method} ${url}`}
              pageSize={50}
              columns={[
                { key: 'method', title: t('policy.method'), value: ({ method }) => method },
                { key: 'url', title: t('policy.route'), value: ({ url }) => url, cell: ({ url }) => <code>{url}</code> },
                {
                  key: 'scope',
                  title: t('dashboard.scope'),
                  value: ({ scope }) => scope,
                  cell: ({ scope }) => <Pill tone={scope === 'admin' ? 'bad' : scope === 'operate' ? 'warn' : 'quiet'}>{scope}</Pill>,
                },
                {
                  key: 'action',
                  title: t('policy.audited'),
                  value: ({ action }) => action,
                  cell: ({ action }) => (action === undefined ? '' : <code>{action}</code>),
                },
              ]}
              empty={null}
            />
          </>
        );
      }}
    </Listing>
  );
}

function Tokens() {
  const admin = may(useStore(session)?.scope, 'admin');
  const asked = useAsk(() => ask(api.GET('/api/v1/tokens')), []);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Api['Token']>();
  return (
    <>
      <div className="tabs-row">
        <button className="primary" disabled={!admin} title={admin ? undefined : t('tokens.admin_only')} onClick={() => setMaking(true)}>
          <Icon name="add" />
          {t('tokens.new')}
        </button>
      </div>
      <Listing asked={asked}>
        {({ tokens }) => (
          <DataTable
            label={t('governance.tokens')}
            rows={tokens}
            rowKey={({ id }) => id}
            columns={[
              { key: 'name', title: t('column.name'), value: ({ name }) => name },
              { key: 'scope', title: t('dashboard.scope'), value: ({ scope }) => scope },
              {
                key: 'created',
                title: t('column.created'),
                value: ({ created_at }) => created_at,
                cell: ({ created_at }) => <When at={created_at} />,
              },
              {
                key: 'expires',
                title: t('column.expires'),
                value: ({ expires_at }) => expires_at,
                cell: ({ expires_at }) => (expires_at === null ? t('tokens.never') : <When at={expires_at} />),
                wide: true,
              },
              {
                key: 'do',
                title: '',
                sortable: false,
                value: () => '',
                cell: (token) => (
                  <button
                    className="danger"
                    disabled={!admin}
                    aria-label={t('tokens.revoke_one', { name: token.name })}
                    onClick={() => setRevoking(token)}
                  >
                    {t('tokens.revoke')}
                  </button>
                ),
              },
            ]}
            empty={
              <Empty title={t('tokens.none')} icon="governance">
                {t('tokens.none_hint')}
              </Empty>
            }
          />
        )}
      </Listing>
      {making && <NewToken onClose={() => (setMaking(false), asked.reload())} />}
      {revoking !== undefined && (
        <Confirm
          title={t('tokens.revoke_one', { name: revoking.name })}
          text={t('tokens.revoke_text')}
          verb={t('tokens.revoke')}
          danger
          onConfirm={() =>
            attempt(
              () => ask(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id: revoking.id } } })),
              t('tokens.revoked', { name: revoking.name }),
            ).then(asked.reload)
          }
          onClose={() => setRevoking(undefined)}
        />
      )}
    </>
  );
}

function NewToken({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [scope, setScope] = useState<Scope>('read');
  const [ttl, setTtl] = useState('');
  const [secret, setSecret] = useState<string>();
  const make = (): void =>
    void attempt(async () => {
      const made = await ask(api.POST('/api/v1/tokens', { body: { name, scope, ...(ttl === '' ? {} : { ttl }) } }));
      setSecret(made.secret);
    });
  return (
    <Dialog title={t('tokens.new')} onClose={onClose}>
      {secret === undefined ? (
        <form onSubmit={(event) => (event.preventDefault(), make())}>
          <div className="dialog-text">
            <label className="field">
              {t('column.name')}
              <input
                type="text"
                required
                maxLength={64}
                pattern="[\w .@\-]+"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
            </label>
            <label className="field">
              {t('dashboard.scope')}
              <select value={scope} onChange={(event) => setScope(event.target.value as Scope)}>
                {SCOPES.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
            <label className="field">
              {t('tokens.ttl')}
              <input type="text" value={ttl} placeholder="30d" onChange={(event) => setTtl(event.target.value.trim())} />
            </label>
          </div>
          <footer>
            <button type="button" onClick={onClose}>
              {t('dialog.cancel')}
            </button>
            <button className="primary">{t('tokens.make')}</button>
          </footer>
        </form>
      ) : (
        <>
          <div className="dialog-text">
            <p>{t('tokens.once')}</p>
            <p className="notice ok">
              <code>{secret}</code>
            </p>
          </div>
          <footer>
            <button onClick={() => void attempt(() => navigator.clipboard.writeText(secret), t('copy.done'))}>{t('copy.copy')}</button>
            <button className="primary" onClick={onClose}>
              {t('dialog.close')}
            </button>
          </footer>
        </>
      )}
    </Dialog>
  );
}
