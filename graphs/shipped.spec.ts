import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { GRAPHS, shippedEngine } from './testing/shipped';

const yaml = (folder: string) => readdirSync(folder).filter((name) => /(?<!\.test)\.yaml$/.test(name));

describe('what is shipped', () => {
  it.each(yaml(GRAPHS))('%s has no finding', async (name) => {
    const engine = shippedEngine();
    expect(await engine.check(join(GRAPHS, name))).toEqual([]);
    await engine.close();
  });

  it.each(yaml(join(GRAPHS, 'presets')))('preset %s has no finding, and says what it is and what its parameters are', async (name) => {
    const file = join(GRAPHS, 'presets', name);
    type Written = { description?: string; params?: Record<string, unknown>; graph?: string };
    const own = parse(readFileSync(file, 'utf8')) as Written;
    const refers = own.graph !== undefined;
    const path = refers ? join(GRAPHS, 'presets', own.graph!) : file;
    const graph = parse(readFileSync(path, 'utf8')) as Written;
    expect(own.description ?? graph.description).toMatch(/^[A-Z].*\.$/);
    for (const param of Object.values(graph.params ?? {}))
      expect(param).toMatchObject({ description: expect.stringMatching(/\.$/) as unknown });
    const engine = shippedEngine();
    expect(await engine.check(path, { params: refers ? (own.params ?? {}) : {} })).toEqual([]);
    await engine.close();
  });

  it('names origin, licence and checksum of each sample, and no other file', () => {
    const samples = join(GRAPHS, 'samples');
    const rows = readFileSync(join(samples, 'SOURCES.md'), 'utf8')
      .split('\n')
      .filter((line) => /^\| [^|]*\.\w+ \|/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const listed = rows.map(([, file, origin, licence, sha256]) => {
      expect(origin).not.toBe('');
      // SPDX ids (or none is needed), several parted by commas, each with what it is for.
      for (const one of licence!.split(', ')) expect(one).toMatch(/^(Apache-2\.0|MIT|ODC-BY-1\.0|CC-BY-4\.0|public domain)( \(.+\))?$/);
      return [file, sha256];
    });
    const there = readdirSync(samples)
      .filter((name) => name !== 'SOURCES.md')
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(samples, name)))
          .digest('hex'),
      ]);
    expect(listed.sort()).toEqual(there.sort());
  });
});
