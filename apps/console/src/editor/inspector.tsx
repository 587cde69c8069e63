import {
  changeEdge,
  removeEdges,
  renameNode,
  setComment,
  setConfig,
  setValue,
  unsetValue,
  type GraphEdge,
  type GraphNode,
} from '@sluice/graph';
import { useEffect, useMemo, useState } from 'react';
import { api, ask, ApiFault } from '../api';
import { hashOf } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { JsonTree } from '../ui/json-tree';
import { Icon } from '../ui/icon';
import { connect, whyNot } from './canvas';
import { chosen, edit, editing, type Editing } from './draft';
import { SchemaForm, type FieldFaults } from './form';
import { endsOf, type PortAt } from './world';

const ID = /^[A-Za-z][A-Za-z0-9_-]*$/;

export function Inspector() {
  const now = useStore(editing)!;
  const { nodes, edges } = useStore(chosen);
  const node = nodes.length === 1 ? now.model.nodes.find(({ id }) => id === nodes[0]) : undefined;
  const edge = nodes.length === 0 && edges.length === 1 ? now.model.edges.find(({ index }) => index === edges[0]) : undefined;
  return (
    <aside className="inspector" aria-label={t('editor.inspector')}>
      {node !== undefined ? (
        <NodePanel key={node.id} node={node} now={now} />
      ) : edge !== undefined ? (
        <EdgePanel key={edge.index} edge={edge} now={now} />
      ) : nodes.length > 1 ? (
        <h2>{t('editor.many', { n: nodes.length })}</h2>
      ) : (
        <GraphPanel now={now} />
      )}
    </aside>
  );
}

/** Findings below a path of the file, by the rest of their path. */
function faultsAt({ diagnostics }: Editing, path: string): FieldFaults {
  const made = new Map<string, string>();
  for (const one of diagnostics) {
    if (!one.path.startsWith(`${path}.`)) continue;
    const rest = one.path.slice(path.length + 1);
    if (!made.has(rest)) made.set(rest, `${one.message}${one.hint === undefined ? '' : ` ${one.hint}`}`);
  }
  return made;
}

/** A text that is taken over when the field is left or Enter is pressed. */
function LateText({
  label,
  value,
  onCommit,
  check,
  area = false,
}: {
  label: string;
  value: string;
  onCommit: (value: string) => void;
  check?: (value: string) => string | undefined;
  area?: boolean;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const fault = typed === value ? undefined : check?.(typed);
  const commit = (): void => {
    if (typed === value) return;
    if (fault !== undefined) setTyped(value);
    else onCommit(typed);
  };
  return (
    <label className="form-field">
      <span className="form-label">{label}</span>
      {area ? (
        <textarea rows={2} value={typed} onChange={({ target }) => setTyped(target.value)} onBlur={commit} />
      ) : (
        <input
          type="text"
          value={typed}
          spellCheck={false}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={commit}
          onKeyDown={({ key }) => key === 'Enter' && commit()}
        />
      )}
      {fault !== undefined && (
        <span className="form-fault" role="alert">
          {fault}
        </span>
      )}
    </label>
  );
}

function Findings({ now, of }: { readonly now: Editing; readonly of: (path: string, node: string | undefined) => boolean }) {
  const found = now.diagnostics.filter(({ path, node }) => of(path, node));
  if (found.length === 0) return null;
  return (
    <ul className="findings">
      {found.map((one, i) => (
        <li key={i} className={one.severity}>
          <b>{one.message}</b>
          {one.hint !== undefined && <span>{one.hint}</span>}
          <span className="soft small">
            <code>{one.code}</code> · {t('editor.line', { line: one.line })}
          </span>
        </li>
      ))}
    </ul>
  );
}

function NodePanel({ node, now }: { readonly node: GraphNode; readonly now: Editing }) {
  const entry = now.world.type(node.type);
  const path = `nodes.${node.id}`;
  const faults = useMemo(() => faultsAt(now, `${path}.config`), [now.diagnostics, path]);
  const policyFaults = useMemo(() => faultsAt(now, path), [now.diagnostics, path]);
  const policySchema = useMemo(() => policiesOf(now.world.schema), [now.world.schema]);
  const properties = Object.keys((entry?.config['properties'] as object | undefined) ?? {});
  const rename = (id: string): void => {
    const { places } = now.history.present;
    if (edit((text) => renameNode(text, node.id, id), places[node.id] === undefined ? {} : { places: { [id]: places[node.id]! } }))
      chosen.set({ nodes: [id], edges: [] });
  };
  return (
    <>
      <h2>{node.id}</h2>
      <p className="soft small">
        <code>{node.type}</code> {entry?.summary ?? t('editor.unknown_type')}
      </p>
      {node.type.startsWith('graph/') && (
        <a className="button" href={hashOf(['editor', node.type.slice('graph/'.length)])}>
          {t('editor.open_sub')}
        </a>
      )}
      <Findings now={now} of={(at, id) => id === node.id || at === path || at.startsWith(`${path}.`)} />
      <LateText
        label={t('editor.id')}
        value={node.id}
        check={(id) => (ID.test(id) && !now.model.nodes.some((one) => one.id === id) ? undefined : t('editor.id.bad'))}
        onCommit={rename}
      />
      <LateText
        label={t('editor.comment')}
        area
        value={node.comment ?? ''}
        onCommit={(comment) => edit((text) => setComment(text, ['nodes', node.id], comment))}
      />
      <section>
        <h3>{t('editor.config')}</h3>
        {properties.length === 0 ? (
          <p className="soft small">{t('editor.config.none')}</p>
        ) : (
          <SchemaForm
            schema={entry!.config}
            value={node.config}
            faults={faults}
            onChange={(config) => edit((text) => setConfig(text, node.id, config), { of: `${path}.config` })}
          />
        )}
      </section>
      <Connect node={node} now={now} />
      <details>
        <summary>{t('editor.policies')}</summary>
        <SchemaForm
          schema={policySchema}
          value={node.policies}
          faults={policyFaults}
          onChange={(policies) => edit((text) => change(text, ['nodes', node.id], node.policies, policies), { of: `${path}.policies` })}
        />
      </details>
      <Try key={node.type} node={node} now={now} />
    </>
  );
}

/** Keys of a mapping that are other ones are set or taken out. */
function change(text: string, path: readonly string[], before: object, after: Readonly<Record<string, unknown>>): string | undefined {
  let made: string | undefined = text;
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key) && made !== undefined) made = unsetValue(made, [...path, key]);
  for (const [key, value] of Object.entries(after)) if (made !== undefined) made = setValue(made, [...path, key], value);
  return made;
}

/** The schema of an editor lets placeholders in everywhere: a form does that by itself. */
function simple(schema: unknown): Readonly<Record<string, unknown>> {
  const { anyOf, ...rest } = schema as { anyOf?: readonly Readonly<Record<string, unknown>>[] };
  const made: Record<string, unknown> = { ...rest };
  const shapes = anyOf?.filter((one) => one['pattern'] !== '\\$\\{') ?? [];
  // The shortest way to write it is the first; longer ones are for the YAML.
  if (shapes[0] !== undefined) Object.assign(made, simple(shapes[0]));
  const properties = made['properties'] as Readonly<Record<string, unknown>> | undefined;
  if (properties !== undefined)
    made['properties'] = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, simple(value)]));
  if (made['enum'] !== undefined && made['type'] === undefined) made['type'] = 'string';
  return { ...made, ...(rest as object), ...(properties === undefined ? {} : { properties: made['properties'] }) };
}

function definition(schema: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  return ((schema['definitions'] as Readonly<Record<string, unknown>> | undefined)?.[name] ?? {}) as Readonly<Record<string, unknown>>;
}

function policiesOf(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const properties = (definition(schema, 'node')['properties'] ?? {}) as Readonly<Record<string, unknown>>;
  const shown = ['retry', 'timeout', 'circuit', 'rate', 'on_error', 'concurrency', 'ordered', 'placement', 'scope', 'durability'];
  return {
    type: 'object',
    properties: Object.fromEntries(shown.filter((key) => properties[key] !== undefined).map((key) => [key, simple(properties[key])])),
  };
}

function EdgePanel({ edge, now }: { readonly edge: GraphEdge; readonly now: Editing }) {
  const path = `edges.${edge.index}`;
  const schema = useMemo(() => simple(definition(now.world.schema, 'edge')), [now.world.schema]);
  const faults = useMemo(() => {
    const arrow = now.diagnostics.filter((one) => one.path.startsWith(`${path}.`));
    return new Map(
      arrow.map((one) => [one.path.slice(one.path.lastIndexOf('.') + 1), `${one.message}${one.hint === undefined ? '' : ` ${one.hint}`}`]),
    );
  }, [now.diagnostics, path]);
  const ends = endsOf(now.world, now.model, edge);
  return (
    <>
      <h2>
        {edge.from.node} → {edge.to.node}
      </h2>
      <p className="soft small">
        <code>
          {edge.from.node}.{ends.from ?? '?'} → {edge.to.node}.{ends.to ?? '?'}
        </code>
      </p>
      <Findings now={now} of={(at) => at === path || at.startsWith(`${path}.`)} />
      <LateText
        label={t('editor.comment')}
        area
        value={edge.comment ?? ''}
        onCommit={(comment) => edit((text) => setComment(text, ['edges', edge.index], comment))}
      />
      <section>
        <h3>{t('editor.edge.policy')}</h3>
        <SchemaForm
          schema={schema}
          value={edge.options}
          faults={faults}
          onChange={(options) => edit((text) => changeEdge(text, edge.index, { options }), { of: path })}
        />
      </section>
      <button className="danger" onClick={() => edit((text) => removeEdges(text, [edge.index]))}>
        <Icon name="trash" /> {t('editor.delete')}
      </button>
    </>
  );
}

function GraphPanel({ now }: { readonly now: Editing }) {
  const { model } = now;
  return (
    <>
      <h2>{model.name ?? now.name}</h2>
      <LateText
        label={t('editor.description')}
        area
        value={model.description ?? ''}
        onCommit={(text) => edit((old) => (text === '' ? unsetValue(old, ['description']) : setValue(old, ['description'], text)))}
      />
      <section>
        <h3>{t('editor.params')}</h3>
        {Object.entries(model.params).map(([name, param]) => {
          const { default: preset, description } = (param ?? {}) as { default?: unknown; description?: string };
          const words = typeof preset === 'string' ? preset : (JSON.stringify(preset) ?? '');
          return (
            <div key={name}>
              <LateText
                label={name}
                value={words}
                onCommit={(typed) =>
                  edit((text) => setValue(text, ['params', name, 'default'], typeof preset === 'string' ? typed : parsed(typed)))
                }
              />
              {description !== undefined && <p className="form-help">{description}</p>}
            </div>
          );
        })}
      </section>
      <section>
        <h3>{t('editor.problems')}</h3>
        <Problems now={now} />
      </section>
    </>
  );
}

function parsed(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}

/** All findings; each leads to its node. */
export function Problems({ now, onLine }: { readonly now: Editing; readonly onLine?: (line: number) => void }) {
  if (now.diagnostics.length === 0) return <p className="soft small">{t('editor.problems.none')}</p>;
  return (
    <ul className="findings">
      {now.diagnostics.map((one, i) => {
        const node = one.node ?? /^nodes\.([^.]+)/.exec(one.path)?.[1];
        const edge = /^edges\.(\d+)/.exec(one.path)?.[1];
        return (
          <li key={i} className={one.severity}>
            <button
              className="finding"
              onClick={() => {
                if (onLine !== undefined) onLine(one.line);
                else if (edge !== undefined) chosen.set({ nodes: [], edges: [Number(edge)] });
                else if (node !== undefined) chosen.set({ nodes: [node], edges: [] });
              }}
            >
              <b>{one.message}</b>
              {one.hint !== undefined && <span>{one.hint}</span>}
              <span className="soft small">
                <code>{one.code}</code> · {t('editor.line', { line: one.line })}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Joins a port of this node to one of another, without a pointer; what does not fit says why. */
function Connect({ node, now }: { readonly node: GraphNode; readonly now: Editing }) {
  const entry = now.world.type(node.type);
  const own = [
    ...Object.keys(entry?.out ?? {}).map((port) => ({ side: 'out' as const, port })),
    ...Object.keys(entry?.in ?? {}).map((port) => ({ side: 'in' as const, port })),
  ];
  const [at, setAt] = useState(0);
  const [to, setTo] = useState('');
  const start = own[Math.min(at, own.length - 1)];
  const choices = useMemo(() => {
    if (start === undefined) return [];
    const here: PortAt = { node: node.id, port: start.port };
    return now.model.nodes
      .flatMap((other) => {
        const ports = now.world.type(other.type)?.[start.side === 'out' ? 'in' : 'out'] ?? {};
        return Object.keys(ports).map((port) => {
          const there: PortAt = { node: other.id, port };
          const why = start.side === 'out' ? whyNot(now, here, there) : whyNot(now, there, here);
          return { there, why };
        });
      })
      .filter(({ there }) => there.node !== node.id)
      .sort((a, b) => Number(a.why !== undefined) - Number(b.why !== undefined));
  }, [start?.port, start?.side, node.id, now.model, now.world]);
  if (start === undefined) return null;
  const found = choices.find(({ there, why }) => why === undefined && `${there.node}.${there.port}` === to);
  return (
    <details className="connect">
      <summary>{t('editor.connect')}</summary>
      <label className="form-field">
        <span className="form-label">{node.id}</span>
        <select value={Math.min(at, own.length - 1)} onChange={({ target }) => setAt(Number(target.value))}>
          {own.map(({ side, port }, i) => (
            <option key={`${side}.${port}`} value={i}>
              {t(side === 'out' ? 'editor.connect.from' : 'editor.connect.to')} {port}
            </option>
          ))}
        </select>
      </label>
      <label className="form-field">
        <span className="form-label">{t(start.side === 'out' ? 'editor.connect.to' : 'editor.connect.from')}</span>
        <select value={to} onChange={({ target }) => setTo(target.value)}>
          <option value="" />
          {choices.map(({ there, why }) => (
            <option key={`${there.node}.${there.port}`} value={`${there.node}.${there.port}`} disabled={why !== undefined}>
              {there.node}.{there.port}
              {why === undefined ? '' : ` — ${why}`}
            </option>
          ))}
        </select>
      </label>
      <button
        disabled={found === undefined}
        onClick={() => {
          const here = { node: node.id, port: start.port };
          if (found !== undefined && (start.side === 'out' ? connect(here, found.there) : connect(found.there, here))) setTo('');
        }}
      >
        {t('editor.connect.add')}
      </button>
    </details>
  );
}

/** Runs the node alone, on the server, on payloads that are typed here. */
function Try({ node, now }: { readonly node: GraphNode; readonly now: Editing }) {
  const entry = now.world.type(node.type);
  const ports = Object.keys(entry?.in ?? {});
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [result, setResult] = useState<unknown>();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  if (entry === undefined || node.type.startsWith('graph/')) return null;
  const run = async (): Promise<void> => {
    setFault(undefined);
    setResult(undefined);
    setBusy(true);
    try {
      const inputs = Object.fromEntries(
        ports.map((port) => [
          port,
          (typed[port] ?? '').split('\n').flatMap((line, i): unknown[] => {
            if (line.trim() === '') return [];
            try {
              return [JSON.parse(line)];
            } catch {
              throw new ApiFault('TRY', t('editor.try.bad', { line: i + 1 }), undefined, 0, undefined, undefined);
            }
          }),
        ]),
      );
      const { trial } = await ask(
        api.POST('/api/v1/nodes/try', {
          body: { type: node.type, config: { ...node.config }, policies: { ...node.policies }, inputs, timeout_ms: 5000 } as never,
        }),
      );
      setResult(trial);
    } catch (thrown) {
      const { message, hint } = ApiFault.from(thrown);
      setFault(hint === undefined ? message : `${message} ${hint}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <details>
      <summary>{t('editor.try')}</summary>
      {ports.map((port) => (
        <label className="form-field" key={port}>
          <span className="form-label">{t('editor.try.input', { port })}</span>
          <textarea
            rows={3}
            spellCheck={false}
            className="mono"
            value={typed[port] ?? ''}
            onChange={({ target }) => setTyped({ ...typed, [port]: target.value })}
          />
        </label>
      ))}
      <p className="form-help">{t('editor.try.hint')}</p>
      <button disabled={busy} onClick={() => void run()}>
        <Icon name="play" /> {t('editor.try.run')}
      </button>
      {fault !== undefined && (
        <p className="form-fault" role="alert">
          {fault}
        </p>
      )}
      {result !== undefined && (
        <JsonTree
          value={(result as { outputs: unknown; errors: unknown[] }).errors.length > 0 ? result : (result as { outputs: unknown }).outputs}
          open={3}
        />
      )}
    </details>
  );
}
