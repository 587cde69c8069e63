import { nodeEntry, SluiceError, type NodeClass } from '@sluice/sdk';
import { TestScheduler } from 'rxjs/testing';
import { differences, shortly } from './graph-test/subset';
import { given, isGiven, runNode, type Given, type NodeResult, type NodeRunOptions } from './run-node';

/** A node, what comes in and what must go out, as diagrams. */
export interface MarbleOptions extends Pick<NodeRunOptions, 'config' | 'services' | 'policies'> {
  /** What comes in: a diagram for the only input, or diagrams by port. */
  readonly in: string | Readonly<Record<string, string>>;
  /** What must go out: a diagram for the only output, or diagrams by port; `error` is one of them. */
  readonly out: string | Readonly<Record<string, string>>;
  /** What the letters stand for: a payload, of an input also `given({ ... })`; a letter that is not here is the payload itself. */
  readonly values?: Readonly<Record<string, unknown>>;
}

interface Mark {
  readonly at: number;
  readonly letter: string;
}
interface Diagram {
  readonly marks: readonly Mark[];
  readonly end: number | undefined;
}

/**
 * Runs a node in virtual time on what diagrams say, and compares what goes out. The diagrams are RxJS's: `-` is a
 * millisecond, a letter a packet and a millisecond, `(ab)` packets of one moment, `10s` or `250ms` between spaces so much time,
 * `|` the end. An output's payload must have at least what its letter stands for; `|` in an output is the end of the run.
 * @throws SluiceError TEST_MARBLES that shows both, one above the other
 */
export async function marbles(node: NodeClass, options: MarbleOptions): Promise<NodeResult> {
  const { in: ins, out: outs, values = {}, ...rest } = options;
  const entry = nodeEntry(node);
  const inputs = byPort(ins, Object.keys(entry.in));
  const fed = Object.fromEntries(Object.entries(inputs).map(([port, { marks }]) => [port, marks.map((mark) => packetOf(mark, values))]));
  const ends = Object.fromEntries(Object.entries(inputs).map(([port, { marks, end }]) => [port, end ?? marks.at(-1)?.at ?? 0]));
  const result = await runNode(node, { ...rest, inputs: fed, ends });
  const wrong = Object.entries(byPort(outs, Object.keys(entry.out))).flatMap(([port, diagram]) => compared(port, diagram, result, values));
  if (wrong.length === 0) return result;
  throw new SluiceError('TEST_MARBLES', `${entry.type} gives something else than the diagram says.\n${wrong.join('\n')}`, {
    hint: 'Lines with - are what the diagram says, those with + what came.',
  });
}

function byPort(diagrams: MarbleOptions['in'], ports: readonly string[]): Readonly<Record<string, Diagram>> {
  const named = typeof diagrams === 'string' ? { [ports[0] ?? '']: diagrams } : diagrams;
  return Object.fromEntries(Object.entries(named).map(([port, text]) => [port, parse(text)]));
}

function parse(text: string): Diagram {
  const marks: Mark[] = [];
  let end: number | undefined;
  for (const { frame, notification } of messagesOf(text)) {
    if (notification.kind === 'N') marks.push({ at: frame, letter: String(notification.value) });
    else if (notification.kind === 'C') end = frame;
    else
      throw new SluiceError('TEST_MARBLES', `${text} has a #: failures leave by the port error.`, { hint: 'Write a diagram for `error`.' });
  }
  return { marks, end };
}

/** As inside of `TestScheduler.run`, where a character is a millisecond and not ten. */
function messagesOf(text: string): ReturnType<typeof TestScheduler.parseMarbles> {
  const factor = TestScheduler.frameTimeFactor;
  TestScheduler.frameTimeFactor = 1;
  try {
    return TestScheduler.parseMarbles(text, undefined, undefined, false, true);
  } finally {
    TestScheduler.frameTimeFactor = factor;
  }
}

const valueOf = ({ letter }: Mark, values: Readonly<Record<string, unknown>>): unknown => (letter in values ? values[letter] : letter);

function packetOf(mark: Mark, values: Readonly<Record<string, unknown>>): Given {
  const value = valueOf(mark, values);
  return given({ ...(isGiven(value) ? value : { payload: value }), at: mark.at });
}

function compared(port: string, { marks, end }: Diagram, result: NodeResult, values: Readonly<Record<string, unknown>>): readonly string[] {
  const [payloads, times] = [result.payloads[port] ?? [], result.times[port] ?? []];
  const came = payloads.map((payload, i) => ({ payload, at: times[i]! }));
  const same =
    came.length === marks.length &&
    marks.every((mark, i) => came[i]!.at === mark.at && differences(valueOf(mark, values), came[i]!.payload).length === 0);
  const lines = same
    ? []
    : [
        `${port}:`,
        ...marks.map((mark) => `- ${mark.at}ms ${mark.letter}: ${shortly(valueOf(mark, values))}`),
        ...came.map(({ payload, at }) => `+ ${at}ms ${nameOf(payload, values)}: ${shortly(payload)}`),
      ];
  return end === undefined || end === result.took ? lines : [...lines, `- ends at ${end}ms`, `+ ends at ${result.took}ms`];
}

/** The letter that a payload may stand for. */
function nameOf(payload: unknown, values: Readonly<Record<string, unknown>>): string {
  const own = typeof payload === 'string' && payload.length === 1 ? payload : '?';
  return Object.keys(values).find((letter) => differences(values[letter], payload).length === 0) ?? own;
}
