import type { GraphNode } from '@sluice/graph';
import type { Api } from '@sluice/control/client';
import { useState } from 'react';
import { api, ask, ApiFault } from '../api';
import { pins, pinKey } from '../live/pins';
import { isCut } from '../live/tap';
import { useStore } from '../store';
import { t } from '../strings';
import { Icon } from '../ui/icon';
import { JsonTree } from '../ui/json-tree';
import type { Editing } from './draft';
import { endsOf } from './world';

type Trial = Api['Trial'];
type Inputs = Record<string, unknown[]>;

/** One JSON value a line. @throws ApiFault that names the line that is none */
export function linesOf(typed: string): unknown[] {
  return typed.split('\n').flatMap((line, i): unknown[] => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line)];
    } catch {
      throw new ApiFault('TRY', t('editor.try.bad', { line: i + 1 }), undefined, 0, undefined, undefined);
    }
  });
}

interface TrialFormProps {
  readonly now: Editing;
  readonly ports: readonly string[];
  /** Whether what was pinned at an output is meant for an input. */
  readonly fits: (from: string, port: string) => boolean;
  readonly run: (inputs: Inputs) => Promise<{ trial: Trial }>;
}

/** Runs something on the server, on payloads that are typed here or were pinned at a tap. */
function TrialForm({ now, ports, fits, run }: TrialFormProps) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [trial, setTrial] = useState<Trial>();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const pinned = useStore(pins);
  const prefix = pinKey(now.model.name ?? now.name, '');
  const offers = [...pinned].flatMap(([key, packets]) => {
    const whole = packets.filter(({ payload }) => !isCut(payload));
    return key.startsWith(prefix) && whole.length > 0 ? [{ from: key.slice(prefix.length), whole }] : [];
  });
  const start = async (): Promise<void> => {
    setFault(undefined);
    setTrial(undefined);
    setBusy(true);
    try {
      setTrial((await run(Object.fromEntries(ports.map((port) => [port, linesOf(typed[port] ?? '')])))).trial);
    } catch (thrown) {
      const { message, hint } = ApiFault.from(thrown);
      setFault(hint === undefined ? message : `${message} ${hint}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <details className="try">
      <summary>{t('editor.try')}</summary>
      {ports.map((port) => (
        <div key={port}>
          <label className="form-field">
            <span className="form-label">{t('editor.try.input', { port })}</span>
            <textarea
              rows={3}
              spellCheck={false}
              className="mono"
              value={typed[port] ?? ''}
              onChange={({ target }) => setTyped({ ...typed, [port]: target.value })}
            />
          </label>
          {offers
            .filter(({ from }) => fits(from, port))
            .map(({ from, whole }) => (
              <button
                key={from}
                onClick={() => setTyped({ ...typed, [port]: whole.map(({ payload }) => JSON.stringify(payload)).join('\n') })}
              >
                <Icon name="pin" /> {t('editor.try.pinned', { from, n: whole.length })}
              </button>
            ))}
        </div>
      ))}
      <p className="form-help">{t(ports.length === 0 ? 'editor.try.sources' : 'editor.try.hint')}</p>
      <button disabled={busy} onClick={() => void start()}>
        <Icon name="play" /> {t('editor.try.run')}
      </button>
      {fault !== undefined && (
        <p className="form-fault" role="alert">
          {fault}
        </p>
      )}
      {trial !== undefined && <Outcome trial={trial} />}
    </details>
  );
}

/** What came out, and what failed. */
function Outcome({ trial: { outputs, more, errors, timed_out, report } }: { readonly trial: Trial }) {
  const came = Object.entries(outputs).filter(([, payloads]) => payloads.length > 0);
  return (
    <div role="status">
      {timed_out && <p className="notice warn">{t('editor.try.late')}</p>}
      {errors.map(({ node, code, message }, i) => (
        <p key={i} className="notice bad">
          <b className="mono">
            {node} · {code}
          </b>
          <br />
          {message}
        </p>
      ))}
      {came.length === 0 && errors.length === 0 && <p className="soft">{t('editor.try.none')}</p>}
      {came.map(([port, payloads]) => (
        <div key={port}>
          <JsonTree name={port} value={payloads} open={2} />
          {(more[port] ?? 0) > 0 && <p className="soft small">{t('editor.try.more', { n: more[port]! })}</p>}
        </div>
      ))}
      <JsonTree name={t('editor.try.report')} value={report} open={0} />
    </div>
  );
}

/** A node alone. */
export function TryNode({ node, now }: { readonly node: GraphNode; readonly now: Editing }) {
  const entry = now.world.type(node.type);
  if (entry === undefined || node.type.startsWith('graph/')) return null;
  const { type, config, policies } = node;
  const feeds = (from: string, port: string): boolean =>
    now.model.edges.some((edge) => {
      const ends = endsOf(now.world, now.model, edge);
      return edge.to.node === node.id && ends.to === port && `${edge.from.node}.${ends.from}` === from;
    });
  const run = (inputs: Inputs) => {
    const body = { type, config: { ...config }, policies: { ...policies }, inputs, timeout_ms: 5_000 };
    return ask(api.POST('/api/v1/nodes/try', { body: body as never }));
  };
  return <TrialForm now={now} ports={Object.keys(entry.in)} fits={feeds} run={run} />;
}

/** The whole graph as it is drawn, to the end of its sources. */
export function TryGraph({ now }: { readonly now: Editing }) {
  const ports = now.model.inputs.map(({ name }) => name);
  const run = (inputs: Inputs) =>
    ask(api.POST('/api/v1/graphs/try', { body: { name: now.name, text: now.history.present.text, inputs, timeout_ms: 10_000 } }));
  return <TrialForm now={now} ports={ports} fits={() => true} run={run} />;
}
