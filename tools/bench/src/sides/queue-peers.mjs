// Queues of servers beside ours: the same packets, put, taken and acked. Each server is started here, on loopback, with its files in a folder of its own.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotAvailable } from '../measure.mjs';

const TEXT = 'x'.repeat(1_000);

/** BullMQ on a Redis that syncs its log once a second: jobs are added 64 at one time, then worked off 64 at one time. */
export async function bullmq({ peers }, count) {
  if (peers === undefined) throw new NotAvailable('only with --peers');
  const { Queue, Worker } = createRequire(join(peers.bullmq, 'package.json'))('bullmq');
  const flags = (port, folder) => [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--appendfsync',
    'everysec',
  ];
  return withServer('redis-server', flags, async (port) => {
    const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
    const pass = async (name, n) => {
      const queue = new Queue(name, { connection });
      await queue.waitUntilReady();
      const since = performance.now();
      for (let from = 0; from < n; from += 64) {
        const size = Math.min(64, n - from);
        await queue.addBulk(
          Array.from({ length: size }, (_, i) => ({ name: 'item', data: { n: from + i, text: TEXT }, opts: { removeOnComplete: true } })),
        );
      }
      let worker;
      await new Promise((resolve, reject) => {
        let done = 0;
        worker = new Worker(name, () => Promise.resolve(), { connection, concurrency: 64 });
        worker.on('completed', () => ++done === n && resolve());
        worker.on('failed', (_, error) => reject(error));
      });
      const rate = (n / (performance.now() - since)) * 1_000;
      await worker.close();
      await queue.close();
      return rate;
    };
    await pass('warm', Math.ceil(count / 3));
    return { rate: await pass('bench', count) };
  });
}

/** JetStream with file storage, which does not sync each message: 64 under way at one time, as ours. */
export async function jetstream({ peers }, count) {
  if (peers === undefined) throw new NotAvailable('only with --peers');
  const require = createRequire(join(peers.jetstream, 'package.json'));
  const { connect: dial } = require('@nats-io/transport-node');
  const { AckPolicy, jetstream: streams, jetstreamManager, RetentionPolicy, StorageType } = require('@nats-io/jetstream');
  const flags = (port, folder) => ['-js', '-sd', folder, '-a', '127.0.0.1', '-p', port];
  return withServer('nats-server', flags, async (port) => {
    const nats = await dial({ servers: `127.0.0.1:${port}` });
    const manager = await jetstreamManager(nats);
    const js = streams(nats);
    const pass = async (name, n) => {
      await manager.streams.add({ name, subjects: [name], storage: StorageType.File, retention: RetentionPolicy.Workqueue });
      await manager.consumers.add(name, { durable_name: 'c', ack_policy: AckPolicy.Explicit, max_ack_pending: 256 });
      const messages = await (await js.consumers.get(name, 'c')).consume({ max_messages: 256 });
      const waiting = [];
      const since = performance.now();
      const reading = (async () => {
        let next = 0;
        for await (const message of messages) {
          if (message.json().n !== next++) throw new Error('a message came out of order');
          message.ack();
          waiting.shift()?.();
          if (next === n) break;
        }
      })();
      let next = 0;
      const sender = async () => {
        while (next < n) {
          const taken = new Promise((resolve) => waiting.push(resolve));
          await js.publish(name, JSON.stringify({ n: next++, text: TEXT }));
          await taken;
        }
      };
      await Promise.all(Array.from({ length: 64 }, sender));
      await reading;
      await nats.flush();
      const rate = (n / (performance.now() - since)) * 1_000;
      await manager.streams.delete(name);
      return rate;
    };
    await pass('warm', Math.ceil(count / 3));
    const rate = await pass('bench', count);
    await nats.close();
    return { rate };
  });
}

async function withServer(command, flags, use) {
  if (spawnSync(command, ['--version']).error !== undefined) throw new NotAvailable(`${command} is not installed`);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-peer-'));
  const port = await freePort();
  const server = spawn(command, flags(String(port), folder), { stdio: 'ignore' });
  const over = new Promise((resolve) => server.on('exit', resolve));
  try {
    await answers(port);
    return await use(port);
  } finally {
    server.kill();
    await over;
    rmSync(folder, { recursive: true, force: true });
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function answers(port) {
  for (let tries = 0; tries < 600; tries++) {
    const there = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new NotAvailable('the server did not start');
}
