import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assetPath, runShipped, unbalanced } from './testing/shipped';

const FACES = `version: 2
name: faces
nodes:
  camera:
    type: vision/video-file
    config: { path: samples/face.mp4, pace: false }
  faces:
    type: vision/detect
    config: { model: "\${asset.ultraface}", threshold: 0.7 }
  pick:
    type: core/map
    config: { fields: { found: payload.detections } }
  log:
    type: io/jsonl-out
    config: { path: out/faces.jsonl, body: payload }
edges:
  - camera -> faces
  - faces -> pick
  - pick -> log
`;

interface Found {
  readonly found: readonly { label: string; confidence: number; bbox: Record<'x1' | 'y1' | 'x2' | 'y2', number> }[];
}

const staged = assetPath('ultraface') !== undefined;
const WHERE = staged ? '' : ' (NOT RUN: stage the model with `sluice assets stage ultraface`)';

describe('a face detector that is staged', () => {
  if (!staged) process.stderr.write(`graphs/faces.spec.ts tests nothing${WHERE}\n`);

  (staged ? it : it.skip)(
    `finds the face of the sample and nothing else, by the shapes of its model alone${WHERE}`,
    async () => {
      await runShipped({ text: FACES }, {}, ({ status, figures, folder }) => {
        expect(status).toBe('ok');
        expect(unbalanced(figures)).toEqual([]);
        const frames = readFileSync(join(folder, 'out', 'faces.jsonl'), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as Found).found);
        expect(frames).toHaveLength(5);
        for (const [face, ...others] of frames) {
          expect([face?.label, others]).toEqual(['face', []]);
          expect(face!.confidence).toBeGreaterThan(0.95);
          // Measured by eye: chin to hair, ear to ear.
          for (const [side, at] of Object.entries({ x1: 88, y1: 51, x2: 157, y2: 131 }))
            expect(Math.abs(face!.bbox[side as 'x1'] - at)).toBeLessThan(8);
        }
      });
    },
    30_000,
  );
});
