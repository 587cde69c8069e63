import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';

const DOCS = join(import.meta.dirname, '..');
const titled = (folder: string, skip = /^README/): { text: string; link: string }[] =>
  readdirSync(join(DOCS, folder))
    .filter((name) => name.endsWith('.md') && !skip.test(name))
    .map((name) => ({ text: name.replace(/\.md$/, '').replaceAll('-', ' '), link: `/${folder}/${name.replace(/\.md$/, '')}` }));

/** Files of the repository that pages lead to and the site does not have. */
const OUTSIDE = /^(?:\.\.\/)+(?:README|CONTRIBUTING|CHANGELOG|LICENSE|graphs|libs|plugins|apps|tools|assets\.lock)|^speed\//;

// The site of the docs: `npm run docs` builds it, and a link that leads nowhere fails the build.
export default defineConfig({
  title: 'Sluice',
  description: 'Typed, bounded dataflow graphs on RxJS.',
  cleanUrls: true,
  lastUpdated: false,
  metaChunk: true,
  // Built files are no part of the sources.
  outDir: join(DOCS, '../dist/docs'),
  cacheDir: join(DOCS, '../dist/.docs-cache'),
  rewrites: { 'decisions/README.md': 'decisions/index.md', 'reference/errors/README.md': 'reference/errors/index.md' },
  markdown: {
    config: (md) => {
      // A fence names the file that it is: "```ts docs/guide/x.ts". The site shows the name above the code.
      const fence = md.renderer.rules.fence!;
      md.renderer.rules.fence = (tokens, at, ...rest) => {
        const token = tokens[at]!;
        const [, lang, file] = /^(\w+) ([\w./-]+)$/.exec(token.info.trim()) ?? [];
        if (lang === undefined || file === undefined) return fence(tokens, at, ...rest);
        token.info = lang;
        return `<p class="file"><code>${md.utils.escapeHtml(file)}</code></p>${fence(tokens, at, ...rest)}`;
      };
      // The pages are plain Markdown: `<name>` is a placeholder and no tag.
      const plain: NonNullable<typeof md.renderer.rules.html_inline> = (tokens, at) => {
        const { content } = tokens[at]!;
        return content.startsWith('<!--') ? content : md.utils.escapeHtml(content);
      };
      md.renderer.rules.html_inline = plain;
      md.renderer.rules.html_block = plain;
      const [open, close] = [md.renderer.rules.link_open, md.renderer.rules.link_close];
      md.renderer.rules.link_open = (tokens, at, options, env, self) =>
        OUTSIDE.test(tokens[at]!.attrGet('href') ?? '')
          ? '<span>'
          : (open?.(tokens, at, options, env, self) ?? self.renderToken(tokens, at, options));
      md.renderer.rules.link_close = (tokens, at, options, env, self) => {
        // Links do not nest: the one that ends is the last that began.
        const began = tokens.slice(0, at).findLast(({ type }) => type === 'link_open');
        return OUTSIDE.test(began?.attrGet('href') ?? '')
          ? '</span>'
          : (close?.(tokens, at, options, env, self) ?? self.renderToken(tokens, at, options));
      };
      // What stands in `${each.x}` and {{ }} is text, and no template of the site.
      const text = md.renderer.rules.text!;
      md.renderer.rules.text = (...args) => text(...args).replaceAll('{{', '&#123;&#123;');
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Tutorial', link: '/tutorial/ten-minutes' },
      { text: 'How to', link: '/guide/graph-tests' },
      { text: 'Reference', link: '/reference/nodes' },
      { text: 'Why', link: '/guide/architecture' },
    ],
    sidebar: [
      { text: 'Tutorial', items: [{ text: 'Ten minutes', link: '/tutorial/ten-minutes' }] },
      {
        text: 'How to',
        items: [
          { text: 'Street-watch, step by step', link: '/guide/street-watch' },
          { text: 'Graphs of schnitzel-stream-platform', link: '/guide/reference-platform' },
          { text: 'Testing graphs', link: '/guide/graph-tests' },
          { text: 'Testing nodes', link: '/guide/node-tests' },
          { text: 'Sluice as a library', link: '/guide/library' },
          { text: 'The edge as an operator', link: '/guide/bounded' },
          { text: 'Sluice as a service', link: '/guide/service' },
          { text: 'Graphs of the reference platform', link: '/guide/reference-platform' },
        ],
      },
      {
        text: 'Reference',
        items: [
          { text: 'Node types', link: '/reference/nodes' },
          { text: 'The command line', link: '/reference/cli' },
          { text: 'Keys of graph tests', link: '/reference/tests' },
          { text: 'Error codes', link: '/reference/errors/' },
          { text: 'Metrics', link: '/reference/metrics' },
          { text: 'HTTP API', link: '/reference/api' },
          { text: 'Coverage', link: '/reference/coverage' },
        ],
      },
      {
        text: 'Why',
        items: [
          { text: 'How a graph runs', link: '/guide/how-it-runs' },
          { text: 'Delivery guarantees', link: '/guide/delivery-guarantees' },
          { text: 'Architecture', link: '/guide/architecture' },
          { text: 'What it defends against', link: '/guide/threat-model' },
          { text: 'Edges: the rules', link: '/spec/edge' },
          { text: 'Nodes, runs, scopes: the rules', link: '/spec/node' },
          { text: 'Deliveries and joins: the rules', link: '/spec/delivery' },
        ],
      },
      { text: 'Decisions', collapsed: true, items: titled('decisions') },
    ],
  },
});
