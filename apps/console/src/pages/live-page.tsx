import { useMemo, useState } from 'react';
import { api, ask, finished, may, session, useAsk } from '../api';
import { useCommands, type Command } from '../commands';
import { Flow, type Selection } from '../live/flow';
import { live, paused, type Run } from '../live/live';
import { count, fillOf, lost, millis, moodOf, percent, rate, rateOf, span, toneOfNode, toneOfRun } from '../live/look';
import { EdgePanel, NodePanel, RunPanel, Tabs } from '../live/panels';
import { go, usePlace } from '../router';
import { useSelected, useStore } from '../store';
import { t } from '../strings';
import { attempt } from '../toasts';
import { Confirm, Dialog } from '../ui/dialog';
import { DataTable } from '../ui/data-table';
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

function NodeTable({ run, onOpen }: { readonly run: Run; readonly onOpen: (id: string) => void }) {
  const columns = useMemo(
    () => [
      { key: 'id', title: t('column.node'), value: (node: Run['nodes'][number]) => node.id },
      { key: 'type', title: t('column.type'), value: (node: Run['nodes'][number]) => node.type, wide: true },
      {
        key: 'state',
        title: t('column.state'),
        value: (node: Run['nodes'][number]) => node.state,
        cell: (node: Run['nodes'][number]) => <Pill tone={toneOfNode(node)}>{t(`node.state.${node.state}`)}</Pill>,
      },
      { key: 'rate', title: t('column.rate'), value: rateOf, cell: (node: Run['nodes'][number]) => rate(rateOf(node)), numeric: true },
      {
        key: 'p95',
        title: 'p95',
        value: (node: Run['nodes'][number]) => node.p95_ms,
        cell: (node: Run['nodes'][number]) => millis(node.p95_ms),
        numeric: true,
      },
      {
        key: 'consumed',
        title: t('figure.in'),
        value: (node: Run['nodes'][number]) => node.consumed,
        cell: (node: Run['nodes'][number]) => count(node.consumed),
        numeric: true,
        wide: true,
      },
      {
        key: 'produced',
        title: t('figure.out'),
        value: (node: Run['nodes'][number]) => node.produced,
        cell: (node: Run['nodes'][number]) => count(node.produced),
        numeric: true,
        wide: true,
      },
      {
        key: 'errors',
        title: t('figure.errors'),
        value: (node: Run['nodes'][number]) => node.errors,
        cell: (node: Run['nodes'][number]) => count(node.errors),
        numeric: true,
      },
    ],
    [],
  );
  return (
    <div className="live-table">
      <DataTable
        label={t('live.view.nodes')}
        rows={run.nodes}
        columns={columns}
        rowKey={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        pageSize={50}
        empty={null}
      />
    </div>
  );
}

function EdgeTable({ run, onOpen }: { readonly run: Run; readonly onOpen: (id: string) => void }) {
  const blocked = useSelected(live, ({ runs }) => runs.get(run.id)?.blocked);
  const columns = useMemo(() => {
    type Row = Run['edges'][number];
    return [
      { key: 'from', title: t('column.from'), value: (edge: Row) => edge.from },
      { key: 'to', title: t('column.to'), value: (edge: Row) => edge.to },
      {
        key: 'state',
        title: t('column.state'),
        value: (edge: Row) => moodOf(edge, blocked?.get(edge.id) ?? 0),
        cell: (edge: Row) => t(`edge.mood.${moodOf(edge, blocked?.get(edge.id) ?? 0)}`),
      },
      { key: 'policy', title: t('column.when_full'), value: (edge: Row) => edge.when_full, wide: true },
      {
        key: 'rate',
        title: t('column.rate'),
        value: (edge: Row) => edge.out_per_s,
        cell: (edge: Row) => rate(edge.out_per_s),
        numeric: true,
      },
      {
        key: 'fill',
        title: t('column.fill'),
        value: fillOf,
        cell: (edge: Row) => `${count(edge.in_flight)} / ${count(edge.capacity)} · ${percent(fillOf(edge))}`,
        numeric: true,
      },
      { key: 'dropped', title: t('figure.dropped'), value: lost, cell: (edge: Row) => count(lost(edge)), numeric: true },
      {
        key: 'blocked',
        title: t('figure.blocked'),
        value: (edge: Row) => edge.blocked_ms,
        cell: (edge: Row) => `${count(Math.round(edge.blocked_ms))} ms`,
        numeric: true,
        wide: true,
      },
    ];
  }, [blocked]);
  return (
    <div className="live-table">
      <DataTable
        label={t('live.view.edges')}
        rows={run.edges}
        columns={columns}
        rowKey={({ id }) => id}
        onOpen={({ id }) => onOpen(id)}
        pageSize={50}
        empty={null}
      />
    </div>
  );
}
