import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { tooWide, violations } from './axe';
import { browse, build, Serving, withBrowser } from './server';

// Not about speed: axe reads all pages four times, which takes long on a busy machine.
jest.setTimeout(240_000);

/** A bill that is paid, as far as anybody knows: its process ends while the bank has not answered. */
const BILLS = `version: 2
name: bills
nodes:
  bills: { type: core/values, config: { items: [{ amount: 12 }] } }
  pay: { type: io/http-out, durability: full, config: { url: "http://127.0.0.1:PORT/", timeout: 60s } }
edges:
  - bills -> pay: { durable: true }
`;

/** Three parcels that nobody takes; what goes on beside them keeps the run alive, and one edge of it full. */
const PARCELS = `version: 2
name: parcels
description: Parcels that nobody takes.
nodes:
  parcels: { type: core/values, config: { items: [{ n: 1 }, { n: 2 }, { n: 3 }] } }
  send: { type: io/http-out, config: { url: "http://127.0.0.1:9/", timeout: 1s } }
  clock: { type: core/interval, config: { every: 50ms } }
  late: { type: core/delay }
  end: { type: core/discard }
edges:
  - parcels -> send: { durable: true, max_attempts: 1 }
  - clock -> late: { when_full: drop_newest, capacity: 2 }
  - late -> end
`;

type Step = (page: Page) => Promise<unknown>;
const press =
  (name: RegExp | string): Step =>
  (page) =>
    page.locator('main').getByRole('button', { name }).first().click();

/** All places that show something which street-watch has not, each with what is to be done there first. */
const PLACES: readonly (readonly [hash: string, step?: Step])[] = [
  ['live/RUN'],
  ['live/RUN?node=send', (page) => page.getByRole('tab', { name: /Errors|오류/ }).click()],
  ['live/RUN?view=nodes'],
  ['live/RUN?edge=clock.out->late.in', (page) => page.getByRole('tab', { name: /Figures|수치/ }).click()],
  ['dashboard'],
  ['editor'],
  ['editor/parcels', (page) => page.locator('[data-id="send"] .block-head').click()],
  ['editor/parcels?view=yaml'],
  ['presets'],
  ['presets', press(/webcam-frames/)],
  ['runs'],
  ['runs/record'],
  ['runs/record', press(/^bills-/)],
  ['queues'],
  ['queues/parcels%2Fparcels.out->send.in?state=dead'],
  ['queues/parcels%2Fparcels.out->send.in?state=dead', (page) => page.locator('main tbody button').first().click()],
  ['journal'],
  ['journal', (page) => page.locator('main tbody button').first().click()],
  ['actions'],
  ['actions', press(/bills\/pay/)],
  ['fleet'],
  ['assets'],
  ['doctor'],
  ['governance/audit'],
  ['governance/audit', (page) => page.locator('main tbody button').first().click()],
  ['governance/policy'],
  ['governance/tokens'],
];

withBrowser('pages that have something to show', () => {
  let folder: string;
  let bank: Server;
  let serving: Serving;
  let context: BrowserContext;
  let page: Page;
  let run: string;

  const goTo = async ([hash, step]: (typeof PLACES)[number]): Promise<void> => {
    await page.evaluate(() => document.querySelectorAll('dialog').forEach((dialog) => dialog.close()));
    // By way of another place: a dialog that was open there is gone.
    await page.evaluate(() => (location.hash = '#/nowhere'));
    await page.locator('main .empty').waitFor();
    const [path = '', query] = hash.replace('RUN', run).split('?');
    await page.evaluate((to) => (location.hash = to), `#/${path}${query === undefined ? '' : `?${new URLSearchParams(query).toString()}`}`);
    await page.locator('main h1').first().waitFor();
    await page.waitForFunction(() => document.querySelector('main .loading') === null);
    await step?.(page);
    await page.waitForFunction(() => document.querySelector('.loading') === null);
  };

  beforeAll(async () => {
    build();
    folder = mkdtempSync(join(tmpdir(), 'sluice-pages-'));
    mkdirSync(join(folder, 'graphs'));
    bank = createServer();
    await new Promise<void>((done) => void bank.listen(0, '127.0.0.1', done));
    const bills = join(folder, 'graphs', 'bills.yaml');
    writeFileSync(bills, BILLS.replace('PORT', String((bank.address() as AddressInfo).port)));
    writeFileSync(join(folder, 'graphs', 'parcels.yaml'), PARCELS);
    const asked = new Promise((done) => bank.once('request', done));
    const first = await Serving.start(bills);
    await asked;
    await first.kill();
    // The next bill is paid well.
    bank.on('request', (_, answer) => answer.end());
    // The next life finds what the first one has left.
    [serving, context] = await Promise.all([Serving.start(bills, first.state), browse({ reducedMotion: 'reduce' })]);
    page = context.pages()[0]!;
    await page.goto(serving.link);
    await goTo(['runs']);
    await page.getByLabel('Graph', { exact: true }).selectOption('parcels');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await page.waitForURL(/#\/live\/parcels/);
    run = page.url().split('/').at(-1)!;
    await goTo(['queues']);
    await page.getByRole('row').filter({ hasText: 'parcels.out->send.in' }).locator('.pill', { hasText: '3' }).waitFor();
  });
  afterAll(async () => {
    await context?.close();
    await serving?.stop();
    bank?.closeAllConnections();
    bank?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  describe.each(['en', 'ko'])('%s', (language) => {
    beforeAll(async () => {
      await page.evaluate((spoken) => localStorage.setItem('sluice.language', spoken), language);
      await page.reload();
      await page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' });
    });

    it.each(['light', 'dark'] as const)('have no fault that axe knows of, %s', async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width: 1280, height: 720 });
      const found: Record<string, readonly string[]> = {};
      for (const [i, place] of PLACES.entries()) {
        await goTo(place);
        const shots = process.env['SLUICE_SHOTS'];
        if (shots !== undefined) await page.screenshot({ path: join(shots, `${language}-${colorScheme}-${i}.png`) });
        const faults = await violations(page);
        if (faults.length > 0) found[`${i} ${place[0]}`] = faults;
      }
      expect(found).toEqual({});
    });

    it('keep to the width of a phone', async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      const wide: Record<string, number> = {};
      for (const [i, place] of PLACES.entries()) {
        await goTo(place);
        const shots = process.env['SLUICE_SHOTS'];
        if (shots !== undefined) await page.screenshot({ path: join(shots, `${language}-phone-${i}.png`) });
        const over = await tooWide(page);
        if (over > 0) wide[`${i} ${place[0]}`] = over;
      }
      expect(wide).toEqual({});
    });
  });

  it('lets somebody decide about an effect of which nobody knows; the audit has it', async () => {
    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await goTo(['actions', press(/bills\/pay/)]);
    await page.getByRole('dialog').getByLabel('Reason').fill('The bank says so.');
    await page.getByRole('dialog').getByRole('button', { name: 'It happened' }).click();
    await page.getByText('Nothing waits for a decision.').waitFor();
    await goTo(['governance/audit']);
    expect(await page.getByRole('row').filter({ hasText: 'action.decide' }).innerText()).toMatch(/bills\/pay.*allowed/);
  });
});
