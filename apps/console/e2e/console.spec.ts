import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { parse } from 'yaml';
import { tooWide, violations } from './axe';
import { browse, build, Serving, withBrowser } from './server';

// Not about speed: axe reads all pages twice, which takes long on a busy machine.
jest.setTimeout(240_000);

const PAGES = [
  'live',
  'live?node=people',
  'live?edge=entries.events->calm.in',
  'live?view=edges',
  'dashboard',
  'presets',
  'runs',
  'runs/record',
  'queues',
  'journal',
  'actions',
  'fleet',
  'assets',
  'doctor',
  'governance/audit',
  'governance/policy',
  'governance/tokens',
];

withBrowser('the console of a running street-watch', () => {
  let serving: Serving;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  const goTo = async (place: string): Promise<void> => {
    const [path = '', query] = place.split('?');
    const [name, ...rest] = path.split('/');
    const parts = name === 'live' ? ['live', 'street-watch-1'] : [name, ...rest];
    await page.evaluate(
      (hash) => (location.hash = hash),
      `#/${parts.join('/')}${query === undefined ? '' : `?${new URLSearchParams(query).toString()}`}`,
    );
    await page.locator('main h1, main .empty').first().waitFor();
    await page.waitForFunction(() => document.querySelector('main .loading') === null);
  };

  beforeAll(async () => {
    build();
    [serving, context] = await Promise.all([Serving.start('graphs/street-watch.yaml'), browse()]);
    page = context.pages()[0]!;
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(serving.link);
  });
  afterAll(async () => {
    await context?.close();
    await serving?.stop();
  });

  it('takes the token out of the address and shows the graph, its figures and people with boxes', async () => {
    await page.locator('.react-flow__node').nth(8).waitFor();
    expect(page.url()).not.toContain('token');
    expect((await context.cookies()).map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
      { httpOnly: true, sameSite: 'Strict' },
    ]);
    await page.waitForFunction(() => /[1-9][\d.]*\/s/.test(document.querySelector('[data-id=people] .box-figures')?.textContent ?? ''));
    await page.waitForFunction(() => (document.querySelector<HTMLImageElement>('.preview img')?.naturalWidth ?? 0) > 100);
    expect(await page.locator('.line-rate').count()).toBe(8);
  });

  it.each(['light', 'dark'] as const)('has no fault that axe knows of on any page, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const found: Record<string, readonly string[]> = {};
    for (const place of PAGES) {
      await goTo(place);
      const faults = await violations(page);
      if (faults.length > 0) found[place] = faults;
    }
    expect(found).toEqual({});
  });

  it('goes everywhere by keys', async () => {
    await goTo('live');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('runs');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
    // One behind the other, however busy the machine is.
    await page.evaluate(() => ['g', 'd'].forEach((key) => dispatchEvent(new KeyboardEvent('keydown', { key }))));
    await page.getByRole('heading', { name: 'Dashboard', level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await goTo('live');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('complementary', { name: 'Node people, vision/detect' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('complementary', { name: 'About this run' }).waitFor();
  });

  it('shows config and docs of a node as the catalogue has them', async () => {
    await goTo('live?node=people');
    await page.getByRole('tab', { name: 'Config' }).click();
    await page.getByRole('row', { name: /threshold 0\.5/ }).waitFor();
    await page.getByRole('tab', { name: 'Docs' }).click();
    await page.getByText('One for each frame, also where nothing was found; with the frame.').waitFor();
  });

  it('taps an edge, pins a packet and saves it as the input of a test', async () => {
    await goTo('live?edge=entries.events->calm.in');
    await page.locator('.packet').first().waitFor();
    await page
      .getByRole('button', { name: /^Pin packet/ })
      .first()
      .click();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export 1 pinned' }).click();
    const text = readFileSync((await (await saved).path())!, 'utf8');
    expect(parse(text)).toEqual({
      given: {
        entries: [
          {
            at: '0ms',
            port: 'events',
            kind: 'event',
            source_id: 'camera',
            payload: expect.objectContaining({ event_type: 'ZONE_INTRUSION' }),
          },
        ],
      },
    });
  });

  it('pauses and resumes the run, and the audit tells of it', async () => {
    await goTo('live');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator('.run-head .pill', { hasText: 'paused' }).waitFor();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await page.locator('.run-head .pill', { hasText: 'running' }).waitFor();
    await goTo('governance/audit');
    const row = page.getByRole('row').filter({ hasText: 'run.pause' });
    expect(await row.innerText()).toMatch(/token:\w+\s+run\.pause\s+street-watch-1\s+allowed/);
  });

  it('says that nothing is stored here, and of which process that is so', async () => {
    await goTo('queues');
    await page.getByText('There are no queues.').waitFor();
    await goTo('fleet');
    await page
      .getByRole('row')
      .filter({ hasText: `${new URL(serving.url).host} (this server)` })
      .filter({ hasText: 'street-watch-1' })
      .waitFor();
  });

  it('speaks Korean, and keeps to the width of a phone', async () => {
    await page.evaluate(() => localStorage.setItem('sluice.language', 'ko'));
    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    await goTo('dashboard');
    await page.getByRole('heading', { name: '대시보드', level: 1 }).waitFor();
    for (const place of PAGES) {
      await goTo(place);
      expect([place, await tooWide(page)]).toEqual([place, 0]);
    }
    await page.evaluate(() => localStorage.clear());
    await page.setViewportSize({ width: 1280, height: 720 });
  });

  it('lets who has no token look, and touch nothing', async () => {
    await context.clearCookies();
    await page.goto(serving.url);
    await page.reload();
    await page.getByText('Read only').waitFor();
    await page.locator('.react-flow__node').first().waitFor();
    expect(await page.getByRole('button', { name: 'Pause', exact: true }).isDisabled()).toBe(true);
  });

  it('has said nothing into the browser console', () => {
    expect(complaints).toEqual([]);
  });
});
