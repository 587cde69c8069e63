import { plainName, ScaffoldError } from '@sluice/nx';
import { SluiceError } from '@sluice/sdk/catalogue';
import { createInterface } from 'node:readline/promises';
import { explained } from './commands/presets';
import type { Preset } from '@sluice/control';
import { checked, presetOf, presets } from './presets';
import type { Terminal } from './terminal';

/** What a person has answered. */
export interface Answers {
  readonly name: string;
  readonly preset: string;
  readonly set: Readonly<Record<string, unknown>>;
}

interface Streams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks for name, preset and parameters, each with what holds where nothing is typed. The answers are what options would have said.
 * @param given parameters that were set already; they are not asked for
 * @returns 'left' where the person ended it
 */
export async function askGraph(
  terminal: Terminal,
  name: string | undefined,
  preset: string | undefined,
  given: Readonly<Record<string, unknown>>,
  streams: Streams = { input: process.stdin, output: process.stderr },
): Promise<Answers | 'left'> {
  const { output } = streams;
  const asking = createInterface({ ...streams });
  const gone = new AbortController();
  asking.once('close', () => gone.abort());
  asking.once('SIGINT', () => asking.close());
  const say = (line: string): void => void output.write(`${line}\n`);
  /** Asks until `read` takes the answer. */
  const ask = async <V>(question: string, read: (answer: string) => V): Promise<V> => {
    for (;;) {
      const answer = (await asking.question(question, { signal: gone.signal })).trim();
      try {
        return read(answer);
      } catch (error) {
        if (!(error instanceof ScaffoldError) && !SluiceError.is(error)) throw error;
        say(`  ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
      }
    }
  };
  try {
    const chosen = preset === undefined ? await askPreset(terminal, ask, say) : presetOf(preset);
    const graph =
      name ?? (await ask(`Name of the graph [${chosen.name}]: `, (answer) => plainName('graph', answer === '' ? chosen.name : answer)));
    const set: Record<string, unknown> = { ...given };
    for (const param of chosen.params) {
      if (param.name in given || param.secret === true) continue;
      for (const row of terminal.table([[`${param.name} (${param.type})`, explained(param)]])) say(row);
      const answer = await ask('  > ', (text) => {
        if (text !== '' || param.default === undefined) checked(terminal, chosen, { ...required(chosen), [param.name]: text });
        return text;
      });
      if (answer !== '') set[param.name] = answer;
    }
    return { name: graph, preset: chosen.name, set };
  } catch (error) {
    if (gone.signal.aborted) return 'left';
    throw error;
  } finally {
    asking.close();
  }
}

/** Something for parameters without a default that were not asked for yet, so that only the answer is judged. */
function required({ params }: Preset): Readonly<Record<string, unknown>> {
  const any: Readonly<Record<string, unknown>> = {
    string: 'x',
    number: 1,
    integer: 1,
    boolean: true,
    array: [],
    object: {},
    duration: '1s',
    size: '1KB',
  };
  return Object.fromEntries(
    params
      .filter((param) => param.default === undefined && param.secret !== true)
      .map((param) => [param.name, param.enum?.[0] ?? any[param.type]]),
  );
}

async function askPreset(
  terminal: Terminal,
  ask: <V>(question: string, read: (answer: string) => V) => Promise<V>,
  say: (line: string) => void,
): Promise<Preset> {
  const all = presets();
  for (const row of terminal.table(all.map(({ name, description }, i) => [String(i + 1).padStart(2), name, description]))) say(row);
  return ask('Preset (number or name): ', (answer) => {
    const numbered = /^\d+$/.test(answer) ? all[Number(answer) - 1] : undefined;
    return numbered ?? presetOf(answer);
  });
}
