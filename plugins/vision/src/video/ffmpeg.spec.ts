import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FfmpegLocator } from './ffmpeg';

const posix = process.platform === 'win32' ? describe.skip : describe;

posix('FfmpegLocator', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ffmpeg-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const script = (name: string, body: string) => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const says = (name: string, line: string, years = '2000-2018') =>
    script(name, `echo "ffmpeg version ${line} Copyright (c) ${years} the FFmpeg developers"`);
  const nothing = (name: string): never => {
    throw new Error(`Cannot find module '${name}'`);
  };

  it('prefers FFMPEG_PATH, then ffmpeg-static, then PATH, then the installer package', async () => {
    const env = { FFMPEG_PATH: says('named', '7.1'), PATH: folder };
    says('ffmpeg', '5.1.9-0+deb12u1');
    const packages: Record<string, unknown> = {
      'ffmpeg-static': says('static', '6.0-static'),
      '@ffmpeg-installer/ffmpeg': { path: says('installer', 'N-47683-g0e8eb07980') },
    };
    const load = (name: string) => packages[name] ?? nothing(name);
    const order: string[] = [];
    order.push((await new FfmpegLocator(env, load).find()).version);
    order.push((await new FfmpegLocator({ PATH: folder }, load).find()).version);
    packages['ffmpeg-static'] = join(folder, 'was-never-downloaded');
    order.push((await new FfmpegLocator({ PATH: folder }, load).find()).version);
    order.push((await new FfmpegLocator({ PATH: '' }, load).find()).version);
    expect(order).toEqual(['7.1', '6.0-static', '5.1.9-0+deb12u1', 'N-47683-g0e8eb07980']);
  });

  it.each([
    ['4.4.2', '2000-2021', false],
    ['5.0.1', '2000-2022', false],
    ['5.1.9-0+deb12u1', '2000-2026', true],
    ['n7.1', '2000-2024', true],
    ['N-47683-g0e8eb07980-static', '2000-2018', false],
    ['2025-03-01-git-1234', '2000-2025', true],
  ])('picks options by version: %s of %s', async (version, years, fpsMode) => {
    const path = says('versioned', version, years);
    expect(await new FfmpegLocator({ FFMPEG_PATH: path }).find()).toEqual({ path, version, fpsMode, shared: false });
  });

  it('asks the binary once', async () => {
    const count = join(folder, 'count');
    const locator = new FfmpegLocator({
      FFMPEG_PATH: script('counting', `echo x >> ${count}; echo "ffmpeg version 7.1 Copyright (c) 2000-2024"`),
      PATH: process.env['PATH'],
    });
    await locator.find();
    await locator.find();
    expect(readFileSync(count, 'utf8')).toBe('x\n');
  });

  it('goes on to the next where one does not run', async () => {
    const load = (name: string) => (name === 'ffmpeg-static' ? script('broken', 'kill -SEGV $$') : { path: says('installer', '4.1') });
    expect((await new FfmpegLocator({ PATH: '' }, load).find()).version).toBe('4.1');
  });

  it('says how to get it where there is none, and what was tried', async () => {
    await expect(new FfmpegLocator({ PATH: '' }, nothing).find()).rejects.toMatchObject({
      code: 'FFMPEG_NOT_FOUND',
      message: expect.stringContaining('ffmpeg: ENOENT') as string,
      hint: expect.stringContaining('FFMPEG_PATH') as string,
    });
  });

  it('names a wrong FFMPEG_PATH instead of looking elsewhere', async () => {
    await expect(new FfmpegLocator({ FFMPEG_PATH: '/nowhere/ffmpeg' }).find()).rejects.toMatchObject({
      code: 'FFMPEG_INVALID',
      message: expect.stringContaining('/nowhere/ffmpeg') as string,
    });
  });
});
