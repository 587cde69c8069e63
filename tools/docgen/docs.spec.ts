import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';

const ROOT = resolve(__dirname, '../..');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...markdown('docs')];

function markdown(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
}
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n');
/** Without code, where brackets are no links. */
const proseOf = (page: string): string =>
  textOf(page)
    .replace(/^```[^]*?^```$/gm, '')
    .replace(/`[^`\n]+`/g, '``');

/** How GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/[`*]/g, '')
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
const anchorsOf = (page: string): readonly string[] => [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

function linkFaults(page: string): readonly string[] {
  const faults: string[] = [];
  for (const [, target] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^https?:/.test(target!)) continue;
    const [path, anchor] = target!.split('#') as [string, string | undefined];
    const file = path === '' ? page : join(dirname(page), path).replaceAll('\\', '/');
    if (!existsSync(join(ROOT, file))) faults.push(`${page}: ${target} is not there`);
    else if (anchor !== undefined && !anchorsOf(file).includes(anchor)) faults.push(`${page}: ${target} has no such heading`);
  }
  return faults;
}

it('every link leads to a file and a heading that are there', () => {
  expect(pages.length).toBeGreaterThan(100);
  expect(pages.flatMap(linkFaults)).toEqual([]);
});

it('every page of the guide and every decision is linked from the README or from their list', () => {
  const linked = ['README.md', 'docs/decisions/README.md'].flatMap((page) =>
    [...proseOf(page).matchAll(/\]\(([^)#\s]+)/g)].map(([, target]) => join(dirname(page), target!).replaceAll('\\', '/')),
  );
  expect(pages.filter((page) => /^docs\/(guide|decisions)\//.test(page) && !linked.includes(page))).toEqual([]);
});

it('every page has its place in the site', () => {
  const listed = [...textOf('tools/docgen/site.mjs').matchAll(/^ +(?:\w+: \[)?\['([\w/-]+)', /gm)].map(([, path]) => `docs/${path}.md`);
  expect(listed.length).toBeGreaterThan(20);
  expect(listed.filter((page) => !pages.includes(page))).toEqual([]);
  expect(pages.filter((page) => /^docs\/(guide|reference|spec|tutorial)\/[\w-]+\.md$/.test(page) && !listed.includes(page))).toEqual([]);
});

it('code that names its file is that file, word for word', () => {
  const blocks = pages.flatMap((page) =>
    [...textOf(page).matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)].map(([, path, code]) => [page, path!, code!] as const),
  );
  expect(blocks.map(([page]) => page)).toContain('docs/guide/bounded.md');
  for (const [page, path, code] of blocks) expect([page, path, code.trim()]).toEqual([page, path, textOf(path).trim()]);
});

it('code that says where its lines are from has them in that order', () => {
  const blocks = pages.flatMap((page) =>
    [...textOf(page).matchAll(/^<!-- lines of (\S+) -->\n```\w+\n([^]*?)^```$/gm)].map(([, path, code]) => [path!, code!] as const),
  );
  expect(blocks.length).toBeGreaterThan(0);
  for (const [path, code] of blocks) {
    const there = textOf(path).split('\n');
    let from = 0;
    for (const line of code.split('\n').filter((text) => text.trim() !== '')) {
      const at = there.findIndex((text, i) => i >= from && text.trim() === line.trim());
      expect([path, line, at >= 0]).toEqual([path, line, true]);
      from = at + 1;
    }
  }
});

it('code of programs is a file that is run, or says where it is from', () => {
  const loose = pages.flatMap((page) =>
    [...textOf(page).matchAll(/(?<!^<!-- lines of \S+ -->\n)^```(?:ts|js|tsx|javascript|typescript)$/gm)].map(
      ({ index }) => `${page}:${textOf(page).slice(0, index).split('\n').length}`,
    ),
  );
  expect(loose).toEqual([]);
});

it('YAML of every page is YAML, and its node types are there', () => {
  const types = new Set([...textOf('docs/reference/nodes.md').matchAll(/^#+ `?([a-z-]+\/[a-z0-9-]+)`?/gm)].map(([, type]) => type!));
  expect(types).toContain('core/dedup');
  // Examples of errors are wrong on purpose.
  const right = pages.filter((page) => !page.startsWith('docs/reference/errors/'));
  const blocks = right.flatMap((page) =>
    [...textOf(page).matchAll(/^```ya?ml(?: (\S+))?\n([^]*?)^```$/gm)].map(([, file, code]) => ({ page, file, code: code! })),
  );
  expect(blocks.length).toBeGreaterThan(10);
  for (const { page, file, code } of blocks) {
    expect([page, parseDocument(code).errors.map(({ message }) => message)]).toEqual([page, []]);
    // A file of its own is run, with the plugin that it needs.
    if (file !== undefined || page === 'docs/guide/library.md') continue;
    const named = [...code.matchAll(/\btype: ([a-z-]+\/[a-z0-9-]+)/g)].map(([, type]) => type!);
    expect([page, named.filter((type) => !types.has(type))]).toEqual([page, []]);
  }
});

it('no page tells to type a command that there is not', () => {
  const known = [...textOf('docs/reference/cli.md').matchAll(/^## sluice (.+)$/gm)].map(([, name]) => name!);
  const typed = pages
    .filter((page) => /^(README|docs\/(guide|tutorial))/.test(page))
    .flatMap((page) =>
      [...textOf(page).matchAll(/(?:^|`|\| )(?:npx )?(?:sluice|node apps\/cli\/bin\/sluice\.js) ([a-z-]+)(?: ([a-z-]+))?/gm)].map(
        ([whole, first, second]) => ({ page, whole, name: known.includes(first!) ? first! : `${first} ${second}` }),
      ),
    );
  expect(typed.length).toBeGreaterThan(10);
  expect(typed.filter(({ name }) => !known.includes(name))).toEqual([]);
});

it('pictures are small, and each has a text for those who cannot see it', () => {
  const pictures = pages.flatMap((page) =>
    [...proseOf(page).matchAll(/!\[([^\]]*)\]\(([^)\s]+)\)/g)].map(([, alt, target]) => ({
      alt: alt!,
      file: join(ROOT, dirname(page), target!),
    })),
  );
  expect(pictures.length).toBeGreaterThan(3);
  for (const { alt, file } of pictures) {
    expect(alt.length).toBeGreaterThan(20);
    expect(statSync(file).size).toBeLessThan(150_000);
  }
});

it.each(['errors', 'nodes', 'reference', 'machines'])(
  'the reference of %s is what the sources say',
  (name) => {
    const { SWC_NODE_PROJECT: _, ...env } = process.env;
    const args = ['-C', '@sluice/source', '-r', '@swc-node/register', `tools/docgen/${name}.mjs`, '--check'];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env, timeout: 60_000 });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  },
  60_000,
);
