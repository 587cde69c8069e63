import { ok, text } from '@sluice/control/schemas';
import { SluiceError } from '@sluice/sdk/catalogue';
import { EXIT, type Exit } from '../exit';
import { ask, running, theServer, type ServerChoice } from '../servers';
import type { Terminal } from '../terminal';
import { type Outputs } from '../outputs';

export const OUTPUTS: Outputs = { stop: ok({ url: text }) };

const WAIT_MS = 15_000;

/** `sluice stop`: asks the server itself, so that no process is ended that only has its number. */
export async function stop(terminal: Terminal, options: ServerChoice): Promise<Exit> {
  const server = theServer(options);
  const noted = running(options.state).find(({ url }) => url === server.url);
  await ask(server, '/api/v1/shutdown', 'POST');
  terminal.note('Draining.');
  for (const until = performance.now() + WAIT_MS; ;) {
    const there = await fetch(`${server.url}/livez`).then(
      () => true,
      () => false,
    );
    const noticed = noted === undefined || !running(options.state).some(({ pid }) => pid === noted.pid);
    if (!there && noticed) break;
    if (performance.now() > until) {
      throw new SluiceError('SERVER_NOT_STOPPED', `${server.url} still answers after ${WAIT_MS / 1000} s.`, {
        hint: noted === undefined ? 'End its process.' : `End it with \`kill ${noted.pid}\`, twice to end at once.`,
      });
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  if (terminal.json) terminal.object({ ok: true, url: server.url });
  else terminal.out(`${server.url} has ended.`);
  return EXIT.ok;
}
