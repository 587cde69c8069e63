import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { SITE } from '../../tools/docgen/site.mjs';

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
      ...Object.entries(SITE).map(([text, pages]) => ({
        text,
        items: pages.map(([path, name]) => ({ text: name, link: `/${path.replace(/README$/, '')}` })),
      })),
      { text: 'Decisions', collapsed: true, items: titled('decisions') },
    ],
  },
});
