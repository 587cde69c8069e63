import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A Python that has GStreamer's RTSP server; undefined where there is none on this machine. */
export function cameraPython(): string | undefined {
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      const load = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
      execFileSync(python, ['-c', load], { stdio: 'ignore', timeout: 20_000 });
      return python;
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A real RTSP server that can be switched off, hung and switched on again. */
export class CameraServer {
  private child: ChildProcess | undefined;

  constructor(
    private readonly python: string,
    readonly port: number,
    private readonly credentials: readonly string[] = [],
  ) {}

  async start(): Promise<void> {
    const child = spawn(this.python, [join(__dirname, 'rtsp-server.py'), String(this.port), ...this.credentials], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.child = child;
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('The camera of this test did not start.')));
    await Promise.race([once(child.stdout, 'data'), ended]);
    ended.catch(() => undefined);
  }

  /** It stays there and says nothing any more. */
  hang(): void {
    this.child?.kill('SIGSTOP');
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.child = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
