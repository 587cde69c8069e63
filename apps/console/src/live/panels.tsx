import { useMemo, useState, type ReactNode } from 'react';
import { api, ask, useAsk } from '../api';
import { useSelected, useStore } from '../store';
import { t } from '../strings';
import { FaultView, Loading, Pill } from '../ui/page';
import { Icon } from '../ui/icon';
import { JsonTree } from '../ui/json-tree';
import { nodeOf } from './layout';
import { events, live, type Edge, type Event, type Node, type Run } from './live';
import { count, fillOf, lost, millis, moodOf, percent, rate, span, toneOfNode } from './look';
import { Preview } from './preview';
import { SeriesChart } from './series';
import { TapView } from './tap-view';

interface PanelProps {
  readonly run: Run;
  readonly id: string;
  readonly onClose: () => void;
  readonly onSelect: (kind: 'node' | 'edge', id: string) => void;
}

function PanelHead({ kind, name, pill, onClose }: { kind: string; name: string; pill: ReactNode; onClose: () => void }) {
  return (
    <header className="panel-head">
      <div>
        <p className="soft small">{kind}</p>
        <h2 className="mono">{name}</h2>
      </div>
      {pill}
      <button className="icon-button" aria-label={t('dialog.close')} title={`${t('dialog.close')} (Esc)`} onClick={onClose}>
        <Icon name="close" />
      </button>
    </header>
  );
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly id: T; readonly title: string; readonly count?: number }[];
  readonly chosen: T;
  readonly onChoose: (id: T) => void;
}

export function Tabs<T extends string>({ label, tabs, chosen, onChoose }: TabsProps<T>) {
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        const at = (tabs.findIndex(({ id }) => id === chosen) + step + tabs.length) % tabs.length;
        onChoose(tabs[at]!.id);
        (event.currentTarget.children[at] as HTMLElement).focus();
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab.id}
          role="tab"
          aria-selected={tab.id === chosen}
          tabIndex={tab.id === chosen ? 0 : -1}
          onClick={() => onChoose(tab.id)}
        >
          {tab.title}
          {tab.count !== undefined && tab.count > 0 && <span className="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const NODE_LINES = ['consumed_per_s', 'produced_per_s', 'errors_per_s'];
const LATENCY_LINES = ['p95_ms'];
const EDGE_LINES = ['in_per_s', 'out_per_s', 'dropped_per_s'];
const FILL_LINES = ['fill'];

export function NodePanel({ run, id, onClose, onSelect }: PanelProps) {
  const node = useSelected(live, ({ runs }) => runs.get(run.id)?.nodes.get(id));
  const [tab, setTab] = useState<'figures' | 'config' | 'docs' | 'log' | 'errors'>('figures');
  const said = useEventsOf(run.id, id);
  const errors = useMemo(() => said.filter(isFault), [said]);
  if (node === undefined) return null;
  return (
    <aside className="panel" aria-label={t('live.node_label', { node: id, type: node.type })}>
      <PanelHead kind={node.type} name={id} pill={<Pill tone={toneOfNode(node)}>{t(`node.state.${node.state}`)}</Pill>} onClose={onClose} />
      <Tabs
        label={id}
        tabs={[
          { id: 'figures', title: t('panel.figures') },
          { id: 'config', title: t('panel.config') },
          { id: 'docs', title: t('panel.docs') },
          { id: 'log', title: t('panel.log') },
          { id: 'errors', title: t('panel.errors'), count: node.errors },
        ]}
        chosen={tab}
        onChoose={setTab}
      />
      <div className="panel-body" role="tabpanel" tabIndex={0} aria-label={t(`panel.${tab}`)}>
        {tab === 'figures' && <NodeFigures run={run} node={node} onSelect={onSelect} />}
        {tab === 'config' && <NodeConfig run={run} id={id} />}
        {tab === 'docs' && <NodeDocs type={node.type} />}
        {tab === 'log' && <EventList events={said} none={t('panel.no_events')} />}
        {tab === 'errors' && (
          <>
            {node.last_error !== undefined && (
              <div className="notice bad">
                <b className="mono">{node.last_error.code}</b>
                <p>{node.last_error.message}</p>
                <p className="small">{time(node.last_error.at)}</p>
              </div>
            )}
            <EventList
              events={errors}
              none={node.errors === 0 ? t('panel.no_errors') : t('panel.errors_counted', { n: count(node.errors) })}
            />
          </>
        )}
      </div>
    </aside>
  );
}

function NodeFigures({ run, node, onSelect }: { run: Run; node: Node; onSelect: PanelProps['onSelect'] }) {
  const calls = node.kind !== 'source' && node.kind !== 'operator';
  const around = run.edges.filter(({ from, to }) => nodeOf(from) === node.id || nodeOf(to) === node.id);
  return (
    <>
      <Facts
        facts={[
          [t('figure.in'), node.kind === 'source' ? '–' : `${count(node.consumed)} · ${rate(node.consumed_per_s)}`],
          [t('figure.out'), node.kind === 'sink' ? '–' : `${count(node.produced)} · ${rate(node.produced_per_s)}`],
          [t('figure.errors'), count(node.errors)],
          [t('figure.busy'), count(node.busy)],
          ...(calls
            ? ([
                ['p50', millis(node.p50_ms)],
                ['p95', millis(node.p95_ms)],
                ['p99', millis(node.p99_ms)],
              ] as const)
            : []),
          ...(node.circuit === undefined ? [] : ([[t('figure.circuit'), node.circuit]] as const)),
          ...Object.entries(node.counters).map(([name, value]) => [name.replaceAll('_', ' '), count(value)] as const),
        ]}
      />
      <SeriesChart run={run.id} id={node.id} metrics={NODE_LINES} title={t('series.rate')} />
      {calls && <SeriesChart run={run.id} id={node.id} metrics={LATENCY_LINES} title={t('series.latency')} />}
      <h3>{t('panel.edges')}</h3>
      <ul className="links">
        {around.map((edge) => (
          <li key={edge.id}>
            <button className="link mono" onClick={() => onSelect('edge', edge.id)}>
              {edge.from} → {edge.to}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function usePlan(run: Run) {
  return useAsk(() => ask(api.GET('/api/v1/runs/{id}/plan', { params: { path: { id: run.id } } })), [run.id, run.plan_hash]);
}

interface PlannedNode {
  readonly id: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly policies: Readonly<Record<string, unknown>>;
}

function NodeConfig({ run, id }: { run: Run; id: string }) {
  const { data, fault, reload } = usePlan(run);
  if (fault !== undefined) return <FaultView fault={fault} retry={reload} />;
  if (data === undefined) return <Loading />;
  const node = (data.plan as { nodes?: readonly PlannedNode[] }).nodes?.find((one) => one.id === id);
  if (node === undefined) return null;
  return (
    <>
      <h3>{t('panel.config')}</h3>
      <Settings values={node.config} />
      <h3>{t('panel.policies')}</h3>
      <Settings values={node.policies} />
    </>
  );
}

/** Settings by name; what has parts can be unfolded. */
function Settings({ values }: { values: Readonly<Record<string, unknown>> }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return <p className="soft">{t('panel.no_config')}</p>;
  return (
    <table className="settings">
      <tbody>
        {entries.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{typeof value === 'object' && value !== null ? <JsonTree value={value} open={2} /> : <code>{String(value)}</code>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface Schema {
  readonly properties?: Readonly<
    Record<string, Readonly<{ type?: unknown; description?: string; default?: unknown; enum?: readonly unknown[] }>>
  >;
  readonly required?: readonly string[];
}

/** What the catalogue says of a node type: the same that the CLI and the docs say. */
export function NodeDocs({ type }: { readonly type: string }) {
  const [pack = '', name = ''] = type.split('/');
  const { data, fault, reload } = useAsk(() => ask(api.GET('/api/v1/nodes/{pack}/{name}', { params: { path: { pack, name } } })), [type]);
  if (fault !== undefined) return <FaultView fault={fault} retry={reload} />;
  if (data === undefined) return <Loading />;
  const { node } = data;
  const { properties = {}, required = [] } = node.config as Schema;
  return (
    <div className="docs">
      <p>{node.summary}</p>
      {node.doc !== undefined && node.doc.split(/\n{2,}/).map((part, i) => <p key={i}>{part}</p>)}
      {(['in', 'out'] as const).map(
        (side) =>
          Object.keys(node[side]).length > 0 && (
            <section key={side}>
              <h3>{t(`docs.${side}`)}</h3>
              <dl>
                {Object.entries(node[side]).map(([port, entry]) => (
                  <div key={port}>
                    <dt>
                      <code>{port}</code> <span className="soft small">{entry.type}</span>
                    </dt>
                    <dd>{entry.doc}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ),
      )}
      {Object.keys(properties).length > 0 && (
        <section>
          <h3>{t('panel.config')}</h3>
          <dl>
            {Object.entries(properties).map(([key, property]) => (
              <div key={key}>
                <dt>
                  <code>{key}</code>{' '}
                  <span className="soft small">
                    {property.enum?.join(' | ') ?? String(property.type ?? '')}
                    {required.includes(key)
                      ? `, ${t('docs.required')}`
                      : property.default === undefined
                        ? ''
                        : `, ${JSON.stringify(property.default)}`}
                  </span>
                </dt>
                <dd>{property.description}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

export function EdgePanel({ run, id, onClose, onSelect }: PanelProps) {
  const edge = useSelected(live, ({ runs }) => runs.get(run.id)?.edges.get(id));
  const blocked = useSelected(live, ({ runs }) => runs.get(run.id)?.blocked.get(id) ?? 0);
  const [tab, setTab] = useState<'figures' | 'tap'>('tap');
  if (edge === undefined) return null;
  const mood = moodOf(edge, blocked);
  return (
    <aside className="panel" aria-label={t('live.edge_label', { from: edge.from, to: edge.to })}>
      <PanelHead
        kind={t('panel.edge_kind', { policy: edge.when_full.replaceAll('_', ' '), lane: edge.lane })}
        name={`${edge.from} → ${edge.to}`}
        pill={
          <Pill tone={mood === 'dropping' ? 'bad' : mood === 'blocked' || mood === 'full' ? 'warn' : mood === 'flowing' ? 'ok' : 'quiet'}>
            {t(`edge.mood.${mood}`)}
          </Pill>
        }
        onClose={onClose}
      />
      <Tabs
        label={id}
        tabs={[
          { id: 'tap', title: t('panel.tap') },
          { id: 'figures', title: t('panel.figures') },
        ]}
        chosen={tab}
        onChoose={setTab}
      />
      <div className="panel-body" role="tabpanel" tabIndex={0} aria-label={t(`panel.${tab}`)}>
        {tab === 'figures' ? <EdgeFigures run={run} edge={edge} onSelect={onSelect} /> : <TapView key={id} run={run} edge={edge} />}
      </div>
    </aside>
  );
}

function EdgeFigures({ run, edge, onSelect }: { run: Run; edge: Edge; onSelect: PanelProps['onSelect'] }) {
  return (
    <>
      <Facts
        facts={[
          [t('figure.in'), `${count(edge.in)} · ${rate(edge.in_per_s)}`],
          [t('figure.out'), `${count(edge.out)} · ${rate(edge.out_per_s)}`],
          [t('figure.waiting'), `${count(edge.in_flight)} / ${count(edge.capacity)} · ${percent(fillOf(edge))}`],
          [t('figure.peak'), count(edge.peak)],
          [
            t('figure.dropped'),
            lost(edge) === 0
              ? '0'
              : Object.entries(edge.dropped)
                  .map(([why, n]) => `${count(n)} ${why}`)
                  .join(', '),
          ],
          [t('figure.blocked'), edge.blocked_ms < 1000 ? `${Math.round(edge.blocked_ms)} ms` : span(edge.blocked_ms)],
        ]}
      />
      <SeriesChart run={run.id} id={edge.id} metrics={EDGE_LINES} title={t('series.rate')} />
      <SeriesChart run={run.id} id={edge.id} metrics={FILL_LINES} title={t('series.fill')} />
      <h3>{t('panel.nodes')}</h3>
      <ul className="links">
        {[nodeOf(edge.from), nodeOf(edge.to)].map((id, i) => (
          <li key={i}>
            <button className="link mono" onClick={() => onSelect('node', id)}>
              {id}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is open while nothing is selected: the picture, the books, what happened. */
export function RunPanel({ run, description }: { readonly run: Run; readonly description: string | undefined }) {
  const all = useStore(events);
  const said = useMemo(() => all.filter((event) => runOf(event) === run.id).reverse(), [all, run.id]);
  const { delivery } = run;
  return (
    <aside className="panel" aria-label={t('live.about_run')}>
      <div className="panel-body" tabIndex={0} role="region" aria-label={t('live.about_run')}>
        {description !== undefined && <p>{description}</p>}
        {run.reasons.length > 0 && (
          <ul className={`notice ${run.status === 'error' ? 'bad' : 'warn'}`}>
            {run.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        <Preview run={run.id} />
        <Facts
          facts={[
            [t('figure.packets'), count(run.nodes.reduce((sum, node) => sum + (node.kind === 'source' ? node.produced : 0), 0))],
            [t('figure.errors'), count(run.nodes.reduce((sum, { errors }) => sum + errors, 0))],
            [t('figure.dropped'), count(run.edges.reduce((sum, edge) => sum + lost(edge), 0))],
            [t('figure.up'), span(run.duration_ms)],
            [t('figure.acked'), count(delivery.acked)],
            [t('figure.nacked'), count(delivery.nacked)],
            [t('figure.cancelled'), count(delivery.cancelled)],
            [t('figure.plan'), <code title={run.plan_hash}>{run.plan_hash.slice(0, 12)}</code>],
          ]}
        />
        <h3>{t('panel.events')}</h3>
        <EventList events={said} none={t('panel.no_events')} />
      </div>
    </aside>
  );
}

const runOf = ({ entity, payload }: Event): string | undefined =>
  entity.kind === 'run' ? entity.id : (payload as { run?: string } | null)?.run;

function useEventsOf(run: string, node: string): readonly Event[] {
  const all = useStore(events);
  return useMemo(() => all.filter((event) => runOf(event) === run && event.entity.id === node).reverse(), [all, run, node]);
}

const isFault = ({ payload }: Event): boolean => (payload as { code?: unknown } | null)?.code !== undefined;

export const time = (at: string): string => new Date(at).toLocaleTimeString('en-GB');

const MOST_EVENTS = 100;

/** Newest first; each opens to all that it says. */
export function EventList({ events: list, none }: { readonly events: readonly Event[]; readonly none: string }) {
  if (list.length === 0) return <p className="soft">{none}</p>;
  return (
    <ol className="event-list">
      {list.slice(0, MOST_EVENTS).map((event) => {
        const { code, message } = (event.payload ?? {}) as { code?: string; message?: string };
        return (
          <li key={event.cursor}>
            <details>
              <summary>
                <time dateTime={event.at}>{time(event.at)}</time>
                <b className={code === undefined ? undefined : 'fault-text'}>{event.event}</b>
                <span>{[event.event.includes(event.entity.id) ? '' : event.entity.id, code, message].filter(Boolean).join(' · ')}</span>
              </summary>
              <JsonTree
                value={{ ...(event.payload as object), request_id: event.request_id, correlation_id: event.correlation_id }}
                open={3}
              />
            </details>
          </li>
        );
      })}
    </ol>
  );
}
