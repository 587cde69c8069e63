import { SHAPES } from '@sluice/control/schemas';
import { SluiceError } from '@sluice/sdk/catalogue';
import { EXIT, usage, type Exit } from '../exit';
import { ask, theServer, type ServerChoice } from '../servers';
import { onSignals } from '../signals';
import type { Terminal } from '../terminal';
import { eachLine, type Outputs } from '../outputs';

export const OUTPUTS: Outputs = { tap: eachLine(SHAPES.Packet) };

interface Options extends ServerChoice {
  readonly limit?: number;
  readonly hz: string;
}

/** `sluice tap`: packets as JSON lines, `packet@1` with bounded payloads. */
export async function tap(terminal: Terminal, output: string, options: Options): Promise<Exit> {
  const hz = Number(options.hz);
  if (!(hz >= 0.1 && hz <= 25))
    throw usage(`--hz ${options.hz} is not between 0.1 and 25.`, 'A tap samples; `sluice run` shows every packet.');
  const server = theServer(options);
  const slash = output.indexOf('/');
  const run = slash > 0 ? output.slice(0, slash) : await onlyRun(server);
  const [node = '', port] = split(output.slice(slash + 1));
  const query = new URLSearchParams({ node, hz: String(hz), ...(port === undefined ? {} : { port }) });
  if (options.limit !== undefined) query.set('limit', String(Math.max(1, options.limit)));
  const { messages } = await import('@sluice/control/client');
  const stopping = new AbortController();
  const forget = onSignals(
    () => stopping.abort(),
    () => undefined,
  );
  const url = `${server.url}/api/v1/runs/${encodeURIComponent(run)}/tap?${query}`;
  try {
    for await (const { event, data } of messages(url, {
      ...(server.token === undefined ? {} : { token: server.token }),
      signal: stopping.signal,
    })) {
      if (event === 'open')
        terminal.note(terminal.paint('dim', `Tapping ${(data as { node: string }).node}.${(data as { port: string }).port}; Ctrl-C ends.`));
      if (event === 'packet') terminal.object((data as { packet: unknown }).packet);
      if (event === 'end') break;
    }
    return EXIT.ok;
  } catch (error) {
    if (stopping.signal.aborted) return EXIT.interrupted;
    throw told(error);
  } finally {
    forget();
    stopping.abort();
  }
}

/** `node.port`; ids of nodes in graphs of graphs have no dots. */
function split(text: string): [string, string?] {
  const at = text.lastIndexOf('.');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

async function onlyRun(server: { url: string; token: string | undefined }): Promise<string> {
  const { runs } = await ask<{ runs: readonly { id: string; state: string }[] }>(server, '/api/v1/runs');
  const live = runs.filter(({ state }) => state !== 'done');
  if (live.length === 1) return live[0]!.id;
  throw new SluiceError(
    'RUN_NOT_FOUND',
    live.length === 0 ? 'No run goes.' : `${live.length} runs go: ${live.map(({ id }) => id).join(', ')}.`,
    {
      hint: 'Name one: sluice tap <run>/<node>.<port>.',
    },
  );
}

/** The fault that the server answered with, where it did. */
function told(error: unknown): SluiceError {
  try {
    const { error: fault } = JSON.parse((error as Error).message) as { error: { code: string; message: string; hint?: string } };
    return new SluiceError(fault.code, fault.message, fault.hint === undefined ? {} : { hint: fault.hint });
  } catch {
    return SluiceError.from(error, 'SERVER_NOT_REACHED', { hint: 'The server went away. Is it running?' });
  }
}
