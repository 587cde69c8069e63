import type { PlanNode } from '@sluice/graph';
import { SluiceError, type Context, type Plugin } from '@sluice/sdk';
import { To, type Packet } from '@sluice/sdk/packet';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Piscina } from 'piscina';
import type { Reply, Request, Setup } from './worker';

/**
 * A transform whose calls run in worker threads, as many as its concurrency, each with an instance of its own. What is
 * sent is copied, but shared memory is not: frames are read where they are. A cancelled call is killed with its thread.
 */
export class WorkerNode {
  private pool: Piscina | undefined;

  /** @throws SluiceError NODE_PLACEMENT where it cannot be placed in a worker */
  constructor(
    private readonly node: PlanNode,
    private readonly plugin: Plugin,
  ) {
    const refuse = (message: string, hint: string) => new SluiceError('NODE_PLACEMENT', message, { node: node.id, hint });
    if (node.kind !== 'transform')
      throw refuse(`It is a ${node.kind}; only transforms can be placed in a worker.`, 'Remove its placement.');
    if (plugin.entry === undefined) {
      throw refuse(
        `Plugin ${plugin.name} does not say which file exports it.`,
        'Give definePlugin({ entry: __filename }), or remove the placement.',
      );
    }
  }

  async open(ctx: Context): Promise<void> {
    // Only a graph that places a node pays for it. Its CommonJS form is the class itself, however its types are read.
    const { default: loaded } = await import('piscina').catch((error: unknown) => {
      throw new SluiceError('NODE_PLACEMENT', 'Workers need the package piscina, which is not installed.', {
        node: this.node.id,
        cause: error,
        hint: 'Run `npm install piscina`, or remove the placement.',
      });
    });
    const Pool = loaded as unknown as typeof Piscina;
    const { node, plugin } = this;
    const setup: Setup = { entry: plugin.entry!, plugin: plugin.name, type: node.type, node: node.id, run: ctx.run, config: node.config };
    const built = join(__dirname, 'worker.js');
    // Sources need what this process was started with to be read.
    const sources = existsSync(built) ? undefined : ['-C', '@sluice/source', '-r', '@swc-node/register'];
    this.pool = new Pool({
      filename: sources === undefined ? built : join(__dirname, 'worker.ts'),
      name: 'handle',
      workerData: setup,
      minThreads: 1,
      maxThreads: node.policies.concurrency,
      idleTimeout: 60_000,
      ...(sources === undefined ? {} : { execArgv: sources }),
    });
  }

  async process(packet: Packet, ctx: Context): Promise<unknown> {
    const { payload, kind, meta, port, id } = packet;
    const request: Request = { payload, kind, meta, port, id, sourceId: packet.sourceId, time: packet.origin.time };
    let reply: Reply;
    try {
      reply = (await this.pool!.run(request, { signal: ctx.signal })) as Reply;
    } catch (error) {
      throw SluiceError.from(error, 'NODE_WORKER', {
        node: this.node.id,
        effectState: 'unknown',
        hint: 'See the log for why its thread ended.',
      });
    }
    for (const [name, by] of Object.entries(reply.counts)) ctx.count(name, by);
    if (reply.error !== undefined) {
      const { code, message, ...init } = reply.error;
      throw new SluiceError(code, message, { node: this.node.id, ...init });
    }
    const outputs = reply.outputs.map(({ port: to, payload: made, meta: own }) => {
      const out = own === undefined ? made : packet.with(made, own);
      return to === undefined ? out : new To(to, out, {});
    });
    return outputs.length <= 1 ? outputs[0] : each(outputs);
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
  }
}

/** An array would be one payload, and its own iterator says nothing of what it is in every version of Node. */
function* each(outputs: readonly unknown[]): Generator<unknown, void> {
  yield* outputs;
}
