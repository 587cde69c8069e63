import type { Finding } from '@sluice/control';
import { SluiceError } from '@sluice/sdk/catalogue';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findings } from '../commands/doctor';
import { presetOf } from '../presets';
import { Receiver, type Row } from './receiver';
import { sluice, type Answer, type Step } from './step';

/** What a scenario has to work with, and where it leaves what it found. */
export interface Stage {
  /** A folder of its own. */
  readonly folder: string;
  readonly camera: string | undefined;
  readonly steps: Step[];
  /** What it found, by name. */
  readonly facts: Record<string, string | number>;
  /** Pictures that are worth a look: paths. */
  readonly pictures: string[];
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** Why it cannot be shown here; undefined where it can. */
  readonly missing?: (stage: Stage) => Promise<SluiceError | undefined>;
  /** @throws SluiceError what went wrong */
  readonly show: (stage: Stage) => Promise<void>;
}

/** Few enough for a few seconds, enough for people to walk by. */
const FRAMES = 24;
const PICTURES = 3;
const ROWS = 120;
const KEYS = ['north', 'south', 'east', 'west'];
const KILLED_AT = 40;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'in-process',
    title: 'Four sensors in one process',
    about: 'Readings of four sensors are judged as fast as they are read; the graph says how often it was right.',
    show: inProcess,
  },
  {
    name: 'durable',
    title: 'Killed half-way, and nothing is lost',
    about:
      'Rows wait in a queue on the disk and are posted to a service. The process that posts them is killed while the service has one in hand; the next one goes on.',
    show: durable,
  },
  {
    name: 'vision',
    title: 'People in a street',
    about: 'A small model finds people in a video, follows them and draws what it found. It needs no network and no graphics card.',
    show: vision,
  },
  {
    name: 'webcam',
    title: 'The camera of this machine',
    about: 'The same model on what the camera sees.',
    missing: noCamera,
    show: webcam,
  },
];

async function inProcess({ steps, folder, facts }: Stage): Promise<void> {
  const graph = presetOf('sensor-watch').graph;
  const figures = metrics(await sluice(steps, ['run', graph], { cwd: folder }));
  const readings = figures['node.sensors.produced'] ?? 0;
  facts['readings'] = readings;
  facts['anomalies found'] = figures['node.watch.anomalies'] ?? 0;
  facts['precision'] = rounded(figures['node.score.precision']);
  facts['recall'] = rounded(figures['node.score.recall']);
  facts['dropped'] = figures['packets.dropped_total'] ?? 0;
  expect(readings > 0, 'No reading came out of the file of sensors.');
  expect((figures['node.score.f1'] ?? 0) > 0.9, 'The anomalies were not found: F1 is not above 0.9.');
  expect(figures['node.watch.consumed'] === readings, 'Not every reading was judged.');
}

async function durable({ steps, folder, facts }: Stage): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, n): Row => ({ key: KEYS[n % KEYS.length]!, n }));
  const input = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  await sluice(steps, ['run', presetOf('durable-enqueue').graph], { cwd: folder, input });
  const receiver = new Receiver();
  try {
    const drain = ['run', presetOf('durable-drain').graph, '--set', `url=${await receiver.listen()}`];
    const power = new AbortController();
    receiver.silentAt(KILLED_AT, () => power.abort());
    await sluice(steps, drain, { cwd: folder, kill: power.signal });
    expect(power.signal.aborted, 'The process ended before it could be killed.');
    facts['put into the queue'] = ROWS;
    facts['received before the kill'] = receiver.rows.length;
    receiver.goOn();
    await sluice(steps, drain, { cwd: folder });
    const queues = (await sluice(steps, ['queue', 'list'], { cwd: folder }))?.['queues'] as readonly { readonly rows: number }[];
    const lost = rows.filter(({ n }) => !receiver.rows.some((row) => row.n === n)).length;
    const ordered = KEYS.every((key) => {
      const numbers = receiver.rows.filter((row) => row.key === key).map(({ n }) => n);
      return numbers.every((n, at) => at === 0 || n > numbers[at - 1]!);
    });
    facts['received in all'] = receiver.rows.length;
    facts['came again, known by their key'] = receiver.again;
    facts['lost'] = lost;
    facts['order within each key'] = ordered ? 'kept' : 'broken';
    facts['left in the queue'] = queues.reduce((sum, queue) => sum + queue.rows, 0);
    expect(lost === 0, `${lost} of ${ROWS} rows were lost.`);
    expect(receiver.again > 0, 'The row that was in hand at the kill did not come again.');
    expect(ordered, 'Rows of one key came out of order.');
    expect(facts['left in the queue'] === 0, 'Rows are left in the queue.');
  } finally {
    await receiver.close();
  }
}

async function vision({ steps, folder, facts, pictures }: Stage): Promise<void> {
  // Slow enough for the model on a slow machine: what it cannot look at in time is passed over, as with a camera.
  const args = ['--set', 'fps=5', '--max-packets', String(FRAMES), '--pictures', 'pictures', '--expect-output'];
  const figures = metrics(await sluice(steps, ['run', presetOf('file-detect-annotated').graph, ...args], { cwd: folder }));
  facts['frames looked at'] = figures['node.objects.consumed'] ?? 0;
  facts['people found in them'] = figures['node.objects.detections'] ?? 0;
  facts['frames passed over'] = figures['packets.dropped_total'] ?? 0;
  facts['pictures'] = keep(folder, pictures);
  expect(Number(facts['people found in them']) > 0, 'The model found nobody, and there are people in the video.');
}

async function webcam({ steps, folder, facts, pictures, camera }: Stage): Promise<void> {
  const device = camera ?? (await look()).message.split(', ')[0];
  const graph = presetOf('webcam-detect-annotated').graph;
  const args = ['run', graph, '--set', `device=${device}`, '--for', '6s', '--pictures', 'pictures', '--expect-output'];
  const figures = metrics(await sluice(steps, args, { cwd: folder }));
  facts['frames'] = figures['node.camera.produced'] ?? 0;
  facts['pictures'] = keep(folder, pictures);
}

/** A camera that was named is tried; else there must be one. */
async function noCamera({ camera }: Stage): Promise<SluiceError | undefined> {
  if (camera !== undefined) return undefined;
  const { state, message, fix } = await look();
  if (state !== 'failed') return undefined;
  return new SluiceError('DEMO_SKIPPED', `${message}.`, fix === undefined ? {} : { hint: fix });
}

/** What the doctor says of cameras: their names, where there are some. */
async function look(): Promise<Finding> {
  return (await findings({ for: 'webcam' })).find(({ check }) => check === 'webcam')!;
}

/** Chooses some of the pictures that a run wrote, spread over its time. @returns how many there are */
function keep(folder: string, pictures: string[]): number {
  const all = readdirSync(join(folder, 'pictures')).sort();
  const step = Math.max(1, Math.floor(all.length / PICTURES));
  pictures.push(
    ...all
      .filter((_, at) => at % step === step - 1)
      .slice(-PICTURES)
      .map((file) => join(folder, 'pictures', file)),
  );
  return all.length;
}

const metrics = (answer: Answer | undefined): Readonly<Record<string, number>> =>
  (answer?.['report'] as { metrics?: Readonly<Record<string, number>> } | undefined)?.metrics ?? {};
const rounded = (value: number | undefined): number => Math.round((value ?? 0) * 1000) / 1000;

/** @throws SluiceError DEMO_FAILED */
function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new SluiceError('DEMO_FAILED', otherwise, { hint: 'The facts and the log of its steps are in the report.' });
}
