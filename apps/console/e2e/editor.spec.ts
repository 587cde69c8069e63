import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { violations } from './axe';
import { motion, quantile } from './motion';
import { browse, build, Serving, withBrowser } from './server';

jest.setTimeout(150_000);

const GRAPHS = resolve(__dirname, '..', '..', '..', 'graphs');

/** Three parcels that nobody takes, each tried once. */
const PARCELS = `version: 2
name: parcels
nodes:
  # All that there are.
  parcels:
    type: core/values
    config:
      items: [{ n: 1 }, { n: 2 }, { n: 3 }]
  send:
    type: io/http-out
    config: { url: "http://127.0.0.1:9/", body: payload }
edges:
  - parcels -> send: { durable: true, max_attempts: 1 }
`;

/** A tone, again and again; one of some goes through a graph that is a node of this one. */
const TONES = `version: 2
name: tones
nodes:
  names:
    type: core/values
    config: { items: [{ ref: { scheme: file, path: tone.wav, size_bytes: BYTES } }], repeat: 0, interval: 200ms }
  read: { type: io/ref-to-bytes, config: { path: "FOLDER" } }
  heard: { type: core/map, config: { fields: { data: payload }, values: { content_type: audio/wav } } }
  part: { type: graph/part }
  end: { type: core/discard }
edges:
  - names -> read
  - read -> heard
  - heard -> part
  - part -> end
`;
const PART = `version: 2
name: part
params:
  every: { type: integer, default: 3 }
inputs:
  sounds: { type: sluice/any@1, to: pick.in }
nodes:
  pick: { type: core/sample, config: { every_n: "\${params.every}" } }
outputs:
  some: { type: sluice/any@1, from: pick.out }
`;

/** A tenth of a second, 8 bits, 8 kHz. */
function tone(): Buffer {
  const head = Buffer.from('RIFF....WAVEfmt ................data....', 'latin1');
  head.writeUInt32LE(36 + 800, 4);
  [16, 0x0001_0001, 8000, 8000, 0x0008_0001].forEach((word, i) => head.writeUInt32LE(word, 16 + i * 4));
  const sound = Buffer.from(Array.from({ length: 800 }, (_, i) => 128 + Math.round(100 * Math.sin(i / 3))));
  return Buffer.concat([head.subarray(0, 36), Buffer.from('data'), Buffer.from(Uint32Array.of(sound.length).buffer), sound]);
}

/** A graph of so many nodes, ten in a row. */
function large(nodes: number): string {
  const id = (i: number): string => `n${i}`;
  const all = Array.from({ length: nodes }, (_, i) => i);
  return [
    'version: 2',
    'name: large',
    'nodes:',
    ...all.map(
      (i) => `  ${id(i)}: { type: ${i % 10 === 0 ? 'core/interval, config: { every: 250ms }' : 'core/sample, config: { every_n: 2 }'} }`,
    ),
    'edges:',
    ...all.filter((i) => i % 10 !== 0).map((i) => `  - ${id(i - 1)} -> ${id(i)}`),
    '',
  ].join('\n');
}

withBrowser('the block editor', () => {
  let folder: string;
  let serving: Serving;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  /** Pictures for those who want to look: SLUICE_SHOTS names a folder. */
  const shot = async (name: string): Promise<void> => {
    const shots = process.env['SLUICE_SHOTS'];
    if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`) });
  };
  const middle = async (of: Locator): Promise<readonly [number, number]> => {
    const box = (await of.boundingBox())!;
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const port = (node: string, name: string): Locator => page.locator(`.react-flow__handle[data-nodeid="${node}"][data-handleid="${name}"]`);

  beforeAll(async () => {
    build();
    folder = mkdtempSync(join(tmpdir(), 'sluice-editor-'));
    mkdirSync(join(folder, 'graphs'));
    copyFileSync(join(GRAPHS, 'street-watch.yaml'), join(folder, 'graphs', 'street-watch.yaml'));
    cpSync(join(GRAPHS, 'samples'), join(folder, 'graphs', 'samples'), { recursive: true });
    writeFileSync(join(folder, 'graphs', 'large.yaml'), large(200));
    writeFileSync(join(folder, 'graphs', 'parcels.yaml'), PARCELS);
    writeFileSync(join(folder, 'tone.wav'), tone());
    writeFileSync(join(folder, 'graphs', 'tones.yaml'), TONES.replace('BYTES', String(tone().length)).replace('FOLDER', folder));
    writeFileSync(join(folder, 'graphs', 'part.yaml'), PART);
    [serving, context] = await Promise.all([Serving.start(join(folder, 'graphs', 'street-watch.yaml')), browse()]);
    page = context.pages()[0]!;
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  });
  afterAll(async () => {
    await context?.close();
    await serving?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('takes a newcomer from the printed link to a change that is live and on record', async () => {
    const file = join(folder, 'graphs', 'street-watch.yaml');
    const before = readFileSync(file, 'utf8');
    await page.goto(serving.link);
    await page.locator('.react-flow__node').nth(8).waitFor();

    await page.locator('nav.side a', { hasText: 'Editor' }).click();
    await page.locator('.graph-list a', { hasText: 'street-watch' }).click();
    await page.locator('.block').nth(8).waitFor();
    await shot('1-opened');

    // A node comes in by the mouse, with what it lacks.
    await page.locator('.editor-palette input').fill('sample');
    await page.dragAndDrop('.palette-node >> text=core/sample', '.canvas', { targetPosition: { x: 470, y: 480 } });
    await page.locator('.block.has-error', { hasText: 'core/sample' }).waitFor();
    expect(await page.locator('.inspector .findings').innerText()).toContain('core/sample needs `every_n` or `every`.');
    expect(await page.locator('.inspector .findings').innerText()).toContain('Nothing goes into sample.in');
    await shot('2-dropped');

    // Deploying is refused with the findings, in place of a run that fails.
    await page.locator('.editor-bar button.primary').click();
    await page.locator('dialog .findings li.error').first().waitFor();
    expect(await page.locator('dialog button.primary').isDisabled()).toBe(true);
    await page.keyboard.press('Escape');

    // While an edge is drawn, ports that do not fit say why.
    await page.mouse.move(...(await middle(port('camera', 'frames'))));
    await page.mouse.down();
    await page.mouse.move(...(await middle(port('entries', 'detections'))), { steps: 6 });
    await page.locator('.port.misfit').first().waitFor();
    expect(await page.locator('.canvas-says').innerText()).toMatch(/camera\.frames gives .*, but entries\.detections takes /);
    await shot('3-misfit');
    await page.mouse.move(700, 690);
    await page.mouse.up();

    await page.mouse.move(...(await middle(port('calm', 'out'))));
    await page.mouse.down();
    await page.mouse.move(...(await middle(port('sample', 'in'))), { steps: 6 });
    await page.mouse.up();
    await page.locator('[data-id="sample"]').first().click();
    await page.getByLabel('every_n', { exact: true }).fill('2');
    await page.waitForFunction(() => document.querySelector('.problems-button')?.textContent?.includes('Errors 0'));
    await shot('4-mended');
    expect(await violations(page)).toEqual([]);

    // The same as text, one key away.
    await page.locator('.editor-bar h1').click();
    await page.keyboard.press('y');
    const lines = page.locator('.yaml-view .cm-content');
    await lines.waitFor();
    expect(await lines.innerText()).toContain('every_n: 2');
    await shot('5-yaml');
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Control+e');

    await page.locator('.editor-bar button.primary').click();
    await page.locator('dialog .changes').waitFor();
    const changes = await page.locator('dialog .changes').innerText();
    expect(changes).toMatch(/added\s+node sample/);
    expect(changes).toMatch(/added\s+edge calm\.out → sample\.in/);
    await shot('6-diff');
    await page.locator('dialog button.primary').click();

    await page.waitForURL(/#\/live\/street-watch/);
    await page.locator('.react-flow__node[data-id="sample"]').waitFor();
    await shot('7-live');

    // Comments, order and every other line are as they were; places lie beside the graph.
    const after = readFileSync(file, 'utf8');
    const added = ['  sample:\n    type: core/sample\n    config:\n      every_n: 2\n', '  - calm -> sample\n'];
    expect(added.reduce((text, lines) => text.replace(lines, ''), after)).toBe(before);
    expect(JSON.parse(readFileSync(join(folder, 'graphs', 'street-watch.layout.json'), 'utf8'))).toMatchObject({
      version: 1,
      nodes: { sample: { x: expect.any(Number) as number } },
    });

    await page.evaluate(() => (location.hash = '#/governance/audit'));
    await page.locator('td', { hasText: 'graph.deploy' }).first().waitFor();
    await shot('8-audit');
    expect(complaints).toEqual([]);
  });

  it('copies, pastes, takes back, lines up and tries, by keys; and keeps what is not saved', async () => {
    const names = () => page.locator('.react-flow__node').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['id']));
    const head = (id: string): Locator => page.locator(`[data-id="${id}"] .block-head`);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => (location.hash = '#/editor/parcels'));
    await head('parcels').click();
    await head('send').click({ modifiers: ['Control'] });
    await page.keyboard.press('Shift+A');
    await page.keyboard.press('Control+c');
    await page.keyboard.press('Control+v');
    await head('send-2').waitFor();
    expect(await names()).toEqual(['parcels', 'send', 'parcels-2', 'send-2']);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('# All that there are.');
    await page.keyboard.press('Control+z');
    await head('send-2').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+y');
    await head('send-2').waitFor();

    await page.evaluate(() => (location.hash = '#/dashboard'));
    await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
    await page.evaluate(() => (location.hash = '#/editor/large'));
    await page.getByRole('button', { name: 'Back to parcels' }).click();
    await head('send-2').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Not saved').waitFor({ state: 'detached' });

    await head('parcels').click();
    await page.locator('.try summary').click();
    await page.locator('.try button').click();
    await page.locator('.try [role=status]').getByText('out', { exact: true }).waitFor();
    await shot('9-tried');
  });

  it('shows dead letters, tries one again and drops the others, after a question', async () => {
    await page.evaluate(() => (location.hash = '#/runs'));
    await page.getByLabel('Graph', { exact: true }).selectOption('parcels');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/#\/live\/parcels/);
    await page.evaluate(() => (location.hash = '#/queues'));
    await page.getByRole('row').filter({ hasText: 'parcels.out->send.in' }).locator('.pill', { hasText: '3' }).waitFor();
    await page.getByRole('button', { name: /^parcels\/parcels.out->send.in/ }).click();
    await page.getByLabel('Mark row 1').check();
    await page.getByRole('button', { name: 'Retry 1' }).click();
    await page.getByText('Tried again: 1').waitFor();
    await page.getByLabel('Mark row 2').check();
    await page.getByLabel('Mark row 3').check();
    await page.getByRole('button', { name: 'Drop 2' }).click();
    expect(await violations(page)).toEqual([]);
    await shot('10-drop');
    await page.getByRole('dialog').getByRole('button', { name: 'Drop 2' }).click();
    await page.getByText('Dropped: 2').waitFor();
    await page.getByLabel('Mark row 3').waitFor({ state: 'detached' });
  });

  it('plays what is heard at an edge, and opens a graph that is a node', async () => {
    await page.evaluate(() => (location.hash = '#/runs'));
    await page.getByLabel('Graph', { exact: true }).selectOption('tones');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/#\/live\/tones/);
    await page.evaluate(() => (location.hash += '?edge=heard.out->part/pick.in'));
    await page.locator('.packet audio').first().waitFor();
    await page.waitForFunction(() => (document.querySelector<HTMLAudioElement>('.packet audio')?.duration ?? 0) > 0.09);

    await page.evaluate(() => (location.hash = '#/editor/tones'));
    await page.locator('[data-id="part"] .block-head').click();
    await page.getByLabel('every', { exact: true }).fill('2');
    await page.getByText('Not saved').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.editor-palette input').fill('graph/part');
    await page.locator('.palette-node').getByText('graph/part').waitFor();
    await page.locator('[data-id="part"] .block-head').click();
    await page.getByRole('link', { name: 'Open this graph' }).click();
    await page.waitForURL(/#\/editor\/part/);
    await page.locator('.inspector').getByRole('button', { name: 'pick.in' }).click();
    await page.getByRole('heading', { name: 'pick', exact: true }).waitFor();
  });

  it('stays smooth with 200 nodes, live and in the editor', async () => {
    await page.evaluate(() => (location.hash = '#/runs'));
    await page.getByLabel('Graph', { exact: true }).selectOption('large');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/#\/live\/large/);
    for (const where of ['live', 'editor']) {
      if (where === 'editor') await page.evaluate(() => (location.hash = '#/editor/large'));
      await page
        .locator(where === 'live' ? '.box' : '.block')
        .nth(20)
        .waitFor();
      await page.locator('.react-flow__controls-fitview').click();
      await page.locator('.react-flow__edge').nth(20).waitFor({ state: 'attached' });
      await shot(`11-large-${where}`);
      const seen = await motion(page, 2_000, '.react-flow');
      const cost = `${seen.cost.toFixed(1)} ms of processor time`;
      process.stdout.write(`200 nodes, ${where}, dragged: p95 frame ${quantile(seen, 0.95).toFixed(1)} ms, a frame takes ${cost}\n`);
      // From frame to frame it is also what else the machine does. What a frame takes of the processor is ours: less than there is at 60 Hz.
      expect(seen.cost).toBeLessThan(16.7);
      expect(seen.cost).toBeGreaterThan(0);
      // It can be clicked when it was let go.
      const node = page.locator('.react-flow__node').first();
      await node.click();
      await page
        .locator('aside')
        .getByRole('heading', { name: (await node.getAttribute('data-id'))!, exact: true })
        .waitFor();
    }
  });
});
