import type { Page } from 'playwright-core';

/** How a page moved: time from frame to frame as the browser sees it, and what each cost the page's own thread, whatever else the machine does. */
export interface Motion {
  /** Milliseconds, in order of size. */
  readonly frames: readonly number[];
  /** Milliseconds of processor time a frame. */
  readonly cost: number;
}

/** Milliseconds that so much of the frames took at the most: 0.95 is p95. */
export function quantile({ frames }: Motion, share: number): number {
  return frames[Math.floor((frames.length - 1) * share)]!;
}

/** Watches for so long; with the selector of a canvas it is dragged about meanwhile, as fast as a mouse tells. */
export async function motion(page: Page, ms: number, canvas?: string): Promise<Motion> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const spent = async (): Promise<number> =>
    (await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
  const before = await spent();
  const watched = watch(page, ms);
  if (canvas !== undefined) {
    const { x, y, width, height } = (await page.locator(canvas).boundingBox())!;
    // Where nothing lies that could be dragged in place of the canvas.
    const [startX, startY] = [x + 8, y + 8];
    await page.mouse.move(startX, startY);
    await page.mouse.down();
    const end = performance.now() + ms;
    for (let i = 0; performance.now() < end; i++) {
      const [left, down] = [(1 - Math.cos(i / 25)) / 2, (1 - Math.cos(i / 17)) / 2];
      // Not waited for: a mouse does not wait for the page either.
      void devtools.send('Input.dispatchMouseEvent', {
        type: 'mouseMoved',
        x: startX + (left * width) / 2,
        y: startY + (down * height) / 2,
        button: 'left',
        buttons: 1,
      });
      await page.waitForTimeout(8);
    }
    await page.mouse.up();
  }
  const frames = await watched;
  const cost = ((await spent()) - before) / frames.length;
  await devtools.detach();
  return { frames: frames.sort((a, b) => a - b), cost };
}

function watch(page: Page, ms: number): Promise<number[]> {
  return page.evaluate(
    (length) =>
      new Promise<number[]>((done) => {
        const took: number[] = [];
        let last = performance.now();
        const end = last + length;
        requestAnimationFrame(function next(now) {
          took.push(now - last);
          last = now;
          if (now < end) requestAnimationFrame(next);
          else done(took);
        });
      }),
    ms,
  );
}
