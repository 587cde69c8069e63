import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { configFileSchema } from '@sluice/graph';
import { schema } from './commands/schema';
import { readConfig } from './config-file';
import { Terminal } from './terminal';

jest.setTimeout(60_000);

interface Item {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
}
interface Fault {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

/** The server that editors use for YAML, driven over its own protocol. */
class Editor {
  private readonly server: ChildProcessWithoutNullStreams;
  private readonly answers = new Map<number, (result: unknown) => void>();
  private readonly faults = new Map<string, (faults: readonly Fault[]) => void>();
  private unread = Buffer.alloc(0);
  private last = 0;

  constructor(private readonly folder: string) {
    this.server = spawn(process.execPath, [require.resolve('yaml-language-server/bin/yaml-language-server'), '--stdio']);
    this.server.stdout.on('data', (chunk: Buffer) => this.take(chunk));
  }

  async start(): Promise<void> {
    await this.ask('initialize', {
      processId: process.pid,
      rootUri: pathToFileURL(this.folder).href,
      capabilities: { textDocument: { completion: { completionItem: { documentationFormat: ['markdown'] } } } },
    });
    this.tell('initialized', {});
    const yaml = { validate: true, completion: true, hover: true, schemaStore: { enable: false }, kubernetesCRDStore: { enable: false } };
    this.tell('workspace/didChangeConfiguration', { settings: { yaml } });
  }

  /** Opens a file; its faults. */
  open(name: string, text: string): Promise<readonly Fault[]> {
    const uri = this.uri(name);
    const faults = new Promise<readonly Fault[]>((resolve) => this.faults.set(uri, resolve));
    this.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return faults;
  }

  /** What is offered at `¤`. */
  async offers(name: string, marked: string): Promise<readonly Item[]> {
    const before = marked.slice(0, marked.indexOf('¤')).split('\n');
    await this.open(name, marked.replace('¤', ''));
    const position = { line: before.length - 1, character: before.at(-1)!.length };
    const result = (await this.ask('textDocument/completion', { textDocument: { uri: this.uri(name) }, position })) as { items: Item[] };
    return result.items;
  }

  async hover(name: string, line: number, character: number): Promise<string> {
    const result = await this.ask('textDocument/hover', { textDocument: { uri: this.uri(name) }, position: { line, character } });
    return JSON.stringify(result);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.once('exit', () => resolve());
      this.server.kill();
    });
  }

  private uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  private ask(method: string, params: object): Promise<unknown> {
    const id = ++this.last;
    const answer = new Promise((resolve) => this.answers.set(id, resolve));
    this.send({ id, method, params });
    return answer;
  }

  private tell(method: string, params: object): void {
    this.send({ method, params });
  }

  private send(message: object): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  private take(chunk: Buffer): void {
    this.unread = Buffer.concat([this.unread, chunk]);
    for (;;) {
      const end = this.unread.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.unread.subarray(0, end).toString())![1]);
      if (this.unread.length < end + 4 + length) return;
      this.handle(JSON.parse(this.unread.subarray(end + 4, end + 4 + length).toString()) as Message);
      this.unread = this.unread.subarray(end + 4 + length);
    }
  }

  private handle({ id, method, result, params }: Message): void {
    if (method === 'textDocument/publishDiagnostics') {
      this.faults.get(params!.uri)?.(params!.diagnostics);
    } else if (method !== undefined && id !== undefined) {
      // It asks for what it was told already, or to register what nobody needs.
      this.send({ id, result: null });
    } else if (id !== undefined) this.answers.get(id)?.(result);
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: { readonly uri: string; readonly diagnostics: readonly Fault[] };
}

let folder: string;
let editor: Editor;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-editor-'));
  mkdirSync(join(folder, 'graphs'));
  const quiet = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  await schema(new Terminal({ json: true }), undefined, { out: join(folder, '.sluice') });
  quiet.mockRestore();
  editor = new Editor(folder);
  await editor.start();
});
afterAll(async () => {
  await editor.close();
  rmSync(folder, { recursive: true });
});

const head = (name: string): string => `# yaml-language-server: $schema=../.sluice/${name}.schema.json\n`;
const labels = (items: readonly Item[]): readonly string[] => items.map(({ label }) => label);
let files = 0;
/** A new file of its own for each look. */
function file(): string {
  const name = `graphs/g${files++}.yaml`;
  writeFileSync(join(folder, name), '');
  return name;
}
const graph = (text: string): string => `${head('graph')}version: 2\n${text}`;

describe('an editor with the schema of graphs', () => {
  it('offers node types, each with what it does', async () => {
    const items = await editor.offers(file(), graph('nodes:\n  a:\n    type: ¤\n'));
    expect(labels(items)).toEqual(expect.arrayContaining(['core/print', 'vision/detect', 'io/jsonl-out']));
    expect(JSON.stringify(items.find(({ label }) => label === 'core/print'))).toContain('Prints each packet');
  });

  it('offers the keys of a node', async () => {
    const items = await editor.offers(file(), graph('nodes:\n  a:\n    type: core/print\n    ¤\n'));
    expect(labels(items)).toEqual(expect.arrayContaining(['config', 'retry', 'timeout', 'join']));
  });

  it('offers the options of the node type, and of no other', async () => {
    const items = await editor.offers(file(), graph('nodes:\n  a:\n    type: core/print\n    config:\n      ¤\n'));
    expect(labels(items)).toEqual(expect.arrayContaining(['prefix', 'format', 'body']));
    expect(labels(items)).not.toContain('url');
    expect(JSON.stringify(items.find(({ label }) => label === 'prefix'))).toContain('front of each line');
  });

  it('offers the values of an option', async () => {
    const items = await editor.offers(file(), graph('nodes:\n  a:\n    type: core/print\n    config:\n      format: ¤\n'));
    expect(labels(items)).toEqual(expect.arrayContaining(['json', 'text']));
  });

  it('offers what an edge can do when it is full', async () => {
    const items = await editor.offers(file(), graph('nodes:\n  a: { type: core/values }\nedges:\n  - a -> b:\n      when_full: ¤\n'));
    expect(labels(items)).toEqual(expect.arrayContaining(['block', 'drop_oldest', 'latest']));
  });

  it('says what a node type and an option are', async () => {
    const name = file();
    await editor.open(name, graph('nodes:\n  a:\n    type: core/print\n    config:\n      prefix: x\n'));
    expect(await editor.hover(name, 4, 12)).toContain('Prints each packet');
    expect(await editor.hover(name, 6, 8)).toContain('front of each line');
  });

  it.each([
    ['an unknown node type', 'nodes:\n  a: { type: core/prnt }\n', 4],
    ['an unknown option', 'nodes:\n  a:\n    type: core/print\n    config: { prefx: x }\n', 6],
    ['a wrong value', 'nodes:\n  a:\n    type: core/print\n    config: { format: yaml }\n', 6],
    ['an unknown key of a node', 'nodes:\n  a: { type: core/print, timout: 2s }\n', 4],
    ['an unknown option of an edge', 'nodes:\n  a: { type: core/print }\nedges:\n  - a -> b: { when_ful: latest }\n', 6],
    ['no edge', 'nodes:\n  a: { type: core/print }\nedges:\n  - a => b\n', 6],
  ])('marks %s at its line', async (_, text, line) => {
    const faults = await editor.open(file(), graph(text));
    expect(faults.map(({ range }) => range.start.line + 1)).toContain(line);
  });

  it('has nothing to say of a good graph, placeholders included', async () => {
    const text = `params:
  n: { type: integer, default: 3 }
nodes:
  a: { type: core/values, config: { items: [1], repeat: "\${params.n}", interval: "\${env.PACE:1s}" }, retry: 3 }
  b: { type: core/print, timeout: 2s }
edges:
  - a -> b: { when_full: latest }
  - a.error -> b
`;
    expect(await editor.open(file(), graph(text))).toEqual([]);
  });
});

describe('an editor with the other schemas', () => {
  it('offers and checks the settings of a project', async () => {
    expect(labels(await editor.offers(file(), `${head('config')}version: 1\n¤\n`))).toEqual(
      expect.arrayContaining(['plugins', 'allow_plugins']),
    );
    expect(await editor.open(file(), `${head('config')}version: 1\nplugns: []\n`)).toHaveLength(1);
  });

  it('knows the settings that are read, and no others', () => {
    writeFileSync(join(folder, 'odd.yaml'), 'qqqqq: 1\n');
    const { properties } = configFileSchema() as { properties: object };
    expect(() => readConfig({ SLUICE_CONFIG: join(folder, 'odd.yaml') })).toThrow(
      expect.objectContaining({ hint: `Known are ${Object.keys(properties).join(', ')}.` }) as Error,
    );
  });

  it('offers and checks process graphs', async () => {
    const text = `${head('process')}version: 1\nprocesses:\n  front:\n    graph: front.yaml\n    `;
    expect(labels(await editor.offers(file(), `${text}¤\n`))).toEqual(expect.arrayContaining(['replicas', 'restart', 'params']));
    expect(await editor.open(file(), `${text}replicas: 2\nchannels:\n  - front.orders -> back.orders: { kind: nats }\n`)).toEqual([]);
    expect(await editor.open(file(), `${text}replicas: none\n`)).toHaveLength(1);
  });

  it('offers and checks tests', async () => {
    const text = `${head('test')}graph: a.yaml\ntests:\n  - name: counts\n    `;
    expect(labels(await editor.offers(file(), `${text}¤\n`))).toEqual(expect.arrayContaining(['given', 'expect']));
    expect((await editor.open(file(), `${text}given: {}\n    expct: {}\n`)).length).toBeGreaterThan(0);
  });
});
