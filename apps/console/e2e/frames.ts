// How smooth a graph of 200 nodes is, live and in the editor, left alone and dragged about.
//   SWC_NODE_PROJECT=tsconfig.base.json node -C @sluice/source -r @swc-node/register apps/console/e2e/frames.ts [seconds]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { motion, quantile, type Motion } from './motion';
import { browse, build, Serving } from './server';

const CHAINS = 20;
const LONG = 10;
const CANVAS = '.react-flow';

void measure(Number(process.argv[2] ?? 5));

async function measure(seconds: number): Promise<void> {
  build();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-frames-'));
  const file = join(folder, 'wide.yaml');
  writeFileSync(file, graph());
  const serving = await Serving.start(file);
  const context = await browse({ viewport: { width: 1280, height: 720 } });
  try {
    const page = context.pages()[0]!;
    await page.goto(serving.link);
    await page
      .locator('.react-flow__node')
      .nth(CHAINS * LONG - 1)
      .waitFor({ state: 'attached' });
    await page.waitForTimeout(3_000);
    const ms = seconds * 1000;
    tell('live, still', await motion(page, ms));
    tell('live, dragged', await motion(page, ms, CANVAS));
    for (let i = 0; i < 4; i++) await page.locator('.react-flow__controls-zoomin').click();
    tell('live, near, dragged', await motion(page, ms, CANVAS));
    await page.evaluate(() => (location.hash = '#/editor/wide'));
    await page.locator('.block').first().waitFor();
    await page.waitForTimeout(1_000);
    tell('editor, dragged', await motion(page, ms, CANVAS));
    for (let i = 0; i < 4; i++) await page.locator('.react-flow__controls-zoomin').click();
    tell('editor, near, dragged', await motion(page, ms, CANVAS));
  } finally {
    await context.close();
    await serving.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function tell(what: string, seen: Motion): void {
  const at = (share: number): string => `${quantile(seen, share).toFixed(1)} ms`;
  console.log(
    `${CHAINS * LONG} nodes, ${what}: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}, ` +
      `${seen.frames.length} frames of ${seen.cost.toFixed(1)} ms of processor time`,
  );
}

/** Chains beside each other, each fed by a clock of its own. */
function graph(): string {
  const chains = Array.from({ length: CHAINS }, (_, chain) => Array.from({ length: LONG }, (_, at) => `n${chain}_${at}`));
  const nodes = chains.flatMap((chain, i) =>
    chain.map((id, at) => {
      if (at === 0) return `  ${id}: { type: core/interval, config: { every: ${20 + i * 7}ms } }`;
      return `  ${id}: { type: ${at === LONG - 1 ? 'core/discard' : 'core/identity'} }`;
    }),
  );
  const edges = chains.flatMap((chain) => chain.slice(1).map((id, at) => `  - ${chain[at]}.out -> ${id}.in`));
  return `version: 2\nname: wide\nnodes:\n${nodes.join('\n')}\nedges:\n${edges.join('\n')}\n`;
}
