import { useMemo, useState } from 'react';
import { api, ask, finished, may, session, useAsk } from '../api';
import { useCommands, type Command } from '../commands';
import { Flow, type Selection } from '../live/flow';
import { live, paused, type Run } from '../live/live';
import { span, toneOfRun } from '../live/look';
import { EdgePanel } from '../live/edge-panel';
import { NodePanel } from '../live/node-panel';
import { RunPanel } from '../live/run-panel';
import { EdgeTable, NodeTable } from '../live/tables';
import { Tabs } from '../ui/tabs';
import { go, usePlace } from '../router';
import { useSelected, useStore } from '../store';
import { t } from '../strings';
import { attempt } from '../toasts';
import { Confirm, Dialog } from '../ui/dialog';
import { Icon, type IconName } from '../ui/icon';
import { Empty, Loading, Pill } from '../ui/page';

type View = 'graph' | 'nodes' | 'edges';

/** `#/live/<run>?node=…|edge=…&view=…`: a run as it goes. */
export function LivePage() {
  const { parts, query } = usePlace();
  const known = useSelected(live, (now) => now.known);
  const ids = useSelected(live, ({ runs }) => [...runs.keys()].join('\n'));
  const asked = parts[1];
  const runs = live.get().runs;
  const id = asked ?? newest([...runs.values()].map(({ run }) => run));
  const run = useSelected(live, (now) => (id === undefined ? undefined : now.runs.get(id)?.run));
  if (!known) return <Loading />;
  if (run === undefined) {
    return (
      <Empty title={asked === undefined || ids === '' ? t('live.no_runs') : t('live.no_run', { run: asked })} icon="live">
        <p>{t('live.no_runs_hint')}</p>
        <button onClick={() => go(['presets'])}>{t('nav.presets')}</button>
      </Empty>
    );
  }
  return <RunView key={run.id} run={run} query={query} />;
}

/** The newest of those that go, else the newest. */
function newest(runs: readonly Run[]): string | undefined {
  return (runs.filter(({ state }) => state !== 'done').at(-1) ?? runs.at(-1))?.id;
}

function RunView({ run, query }: { readonly run: Run; readonly query: Readonly<Record<string, string>> }) {
  const { node, edge, view: wanted = 'graph' } = query;
  const view = (['graph', 'nodes', 'edges'] as const).find((one) => one === wanted) ?? 'graph';
  const selection: Selection = useMemo(
    () => (node !== undefined ? { kind: 'node', id: node } : edge !== undefined ? { kind: 'edge', id: edge } : undefined),
    [node, edge],
  );
  const show = useMemo(
    () =>
      (to: Selection, how: View = view): void =>
        go(
          ['live', run.id],
          { ...(to === undefined ? {} : { [to.kind]: to.id }), ...(how === 'graph' ? {} : { view: how }) },
          { replace: true },
        ),
    [run.id, view],
  );
  const { data } = useAsk(() => ask(api.GET('/api/v1/runs/{id}', { params: { path: { id: run.id } } })), [run.id, run.plan_hash]);
  useCommands(
    useMemo(
      (): readonly Command[] => [
        { id: 'panel-close', title: t('command.close'), group: 'graph', keys: ['escape'], run: () => show(undefined) },
        ...(['graph', 'nodes', 'edges'] as const).map((one, i): Command => ({
          id: `view-${one}`,
          title: t('live.show', { what: t(`live.view.${one}`) }),
          group: 'graph',
          keys: [String(i + 1)],
          run: () => show(selection, one),
        })),
      ],
      [show, selection],
    ),
  );
  const select = (kind: 'node' | 'edge', id: string): void => show({ kind, id });
  const close = (): void => show(undefined);
  return (
    <div className="live">
      <RunHead run={run} view={view} onView={(to) => show(selection, to)} />
      <div className={`live-body${selection === undefined ? '' : ' chosen'}`}>
        <section className="live-main" aria-label={t(`live.view.${view}`)}>
          {view === 'graph' && <Flow run={run} selection={selection} onSelect={show} />}
          {view === 'nodes' && <NodeTable run={run} onOpen={(id) => select('node', id)} />}
          {view === 'edges' && <EdgeTable run={run} onOpen={(id) => select('edge', id)} />}
        </section>
        {selection === undefined && <RunPanel run={run} description={data?.run.description} />}
        {selection?.kind === 'node' && <NodePanel key={selection.id} run={run} id={selection.id} onClose={close} onSelect={select} />}
        {selection?.kind === 'edge' && <EdgePanel key={selection.id} run={run} id={selection.id} onClose={close} onSelect={select} />}
      </div>
    </div>
  );
}

type Deed = 'pause' | 'resume' | 'drain' | 'stop' | 'cancel';
const ICONS: Readonly<Record<Deed, IconName>> = { pause: 'pause', resume: 'play', drain: 'drain', stop: 'stop', cancel: 'cancel' };

function RunHead({ run, view, onView }: { readonly run: Run; readonly view: View; readonly onView: (view: View) => void }) {
  const ids = useSelected(live, ({ runs }) => [...runs.keys()].join('\n')).split('\n');
  const waits = useStore(paused).has(run.id) && run.state === 'running';
  const may_ = may(useStore(session)?.scope, 'operate');
  const [asking, setAsking] = useState<'drain' | 'stop' | 'cancel'>();
  const over = run.state === 'done' || run.state === 'draining';
  const path = { params: { path: { id: run.id } } };
  const deeds: Readonly<Record<Deed, () => Promise<unknown>>> = {
    pause: () => ask(api.POST('/api/v1/runs/{id}/pause', path)),
    resume: () => ask(api.POST('/api/v1/runs/{id}/resume', path)),
    drain: async () => finished((await ask(api.POST('/api/v1/runs/{id}/drain', { ...path, body: {} }))).job),
    stop: async () => finished((await ask(api.POST('/api/v1/runs/{id}/stop', { ...path, body: {} }))).job),
    cancel: async () => finished((await ask(api.POST('/api/v1/runs/{id}/cancel', { ...path, body: {} }))).job),
  };
  const offered: readonly Deed[] = [waits ? 'resume' : 'pause', 'drain', 'stop', 'cancel'];
  const act = (deed: Deed): void => {
    if (deed === 'pause' || deed === 'resume') void attempt(deeds[deed], t(`run.did.${deed}`, { run: run.id }));
    else setAsking(deed);
  };
  useCommands(
    useMemo(
      () =>
        over || !may_
          ? []
          : offered.map((deed): Command => ({
              id: `run-${deed}`,
              title: t(`run.${deed}_run`, { run: run.id }),
              group: 'graph',
              ...(deed === 'pause' || deed === 'resume' ? { keys: ['p'] } : {}),
              run: () => act(deed),
            })),
      [over, may_, waits, run.id],
    ),
  );
  return (
    <header className="run-head">
      {ids.length > 1 ? (
        <select aria-label={t('live.choose_run')} value={run.id} onChange={(event) => go(['live', event.target.value])}>
          {ids.map((id) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </select>
      ) : null}
      <h1>{run.graph}</h1>
      <Pill tone={waits ? 'warn' : toneOfRun(run)}>
        {waits ? t('run.state.paused') : t(`run.state.${run.state}`)}
        {run.status !== 'ok' && `, ${t(`run.status.${run.status}`)}`}
      </Pill>
      <span className="soft small wide-only">{span(run.duration_ms)}</span>
      <Tabs
        label={t('live.views')}
        tabs={(['graph', 'nodes', 'edges'] as const).map((id) => ({ id, title: t(`live.view.${id}`) }))}
        chosen={view}
        onChoose={onView}
      />
      <div className="actions">
        {!over &&
          offered.map((deed) => (
            <button
              key={deed}
              disabled={!may_}
              title={may_ ? t(`run.hint.${deed}`) : t('app.read_only.hint')}
              className={deed === 'cancel' ? 'danger' : undefined}
              onClick={() => act(deed)}
            >
              <Icon name={ICONS[deed]} />
              <span className="deed">{t(`run.${deed}`)}</span>
            </button>
          ))}
      </div>
      {asking === 'cancel' && <CancelDialog run={run} onClose={() => setAsking(undefined)} />}
      {(asking === 'drain' || asking === 'stop') && (
        <Confirm
          title={t(`run.${asking}_run`, { run: run.id })}
          text={t(`run.hint.${asking}`)}
          verb={t(`run.${asking}`)}
          onConfirm={() => attempt(deeds[asking], t(`run.did.${asking}`, { run: run.id }))}
          onClose={() => setAsking(undefined)}
        />
      )}
    </header>
  );
}

/** The whole run, or one session or unit of it. */
function CancelDialog({ run, onClose }: { readonly run: Run; readonly onClose: () => void }) {
  const [scope, setScope] = useState('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    const body = { ...(scope.trim() === '' ? {} : { scope: scope.trim() }), ...(reason.trim() === '' ? {} : { reason: reason.trim() }) };
    const done = await attempt(
      async () => finished((await ask(api.POST('/api/v1/runs/{id}/cancel', { params: { path: { id: run.id } }, body }))).job),
      t('run.did.cancel', { run: scope.trim() === '' ? run.id : scope.trim() }),
    );
    setBusy(false);
    if (done) onClose();
  };
  return (
    <Dialog title={t('run.cancel_run', { run: run.id })} onClose={onClose}>
      <form onSubmit={(event) => (event.preventDefault(), void cancel())}>
        <div className="dialog-text">
          <p>{t('run.hint.cancel')}</p>
          <label className="field">
            {t('run.cancel_scope')}
            <input type="text" value={scope} placeholder={t('run.cancel_whole')} onChange={(event) => setScope(event.target.value)} />
          </label>
          <label className="field">
            {t('run.cancel_reason')}
            <input type="text" value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
          </label>
        </div>
        <footer>
          <button type="button" onClick={onClose}>
            {t('dialog.cancel')}
          </button>
          <button className="danger" disabled={busy}>
            {scope.trim() === '' ? t('run.cancel_all') : t('run.cancel_one')}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
