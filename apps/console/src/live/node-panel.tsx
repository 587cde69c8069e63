import { useMemo, useState } from 'react';
import { api, ask, useAsk } from '../api';
import { useSelected } from '../store';
import { t } from '../strings';
import { Facts } from '../ui/facts';
import { JsonTree } from '../ui/json-tree';
import { FaultView, Loading, Pill } from '../ui/page';
import { Tabs } from '../ui/tabs';
import { EventList, isFault, stackOf, time, useEventsOf } from './events-list';
import { nodeOf } from './layout';
import { live, type Node, type Run } from './live';
import { count, millis, rate, toneOfNode } from './look';
import { NodeDocs } from './node-docs';
import { PanelHead, type PanelProps } from './panel';
import { SeriesChart } from './series';

const NODE_LINES = ['consumed_per_s', 'produced_per_s', 'errors_per_s'];
const LATENCY_LINES = ['p95_ms'];

export function NodePanel({ run, id, onClose, onSelect }: PanelProps) {
  const node = useSelected(live, ({ runs }) => runs.get(run.id)?.nodes.get(id));
  const [tab, setTab] = useState<'figures' | 'config' | 'docs' | 'log' | 'errors'>('figures');
  const said = useEventsOf(run.id, id);
  const errors = useMemo(() => said.filter(isFault), [said]);
  const stacked = useMemo(() => errors.find((event) => stackOf(event) !== undefined), [errors]);
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
                {stacked !== undefined && (
                  <details>
                    <summary>{t('panel.stack', { at: time(stacked.at) })}</summary>
                    <pre className="stack">{stackOf(stacked)}</pre>
                  </details>
                )}
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
