import type { Preset, PresetParam } from '@sluice/control';
import { checkGraph, nearest } from '@sluice/graph';
import { SluiceError } from '@sluice/sdk/catalogue';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { printDiagnostics, shown } from './graph-file';
import { catalogues } from './plugins';
import type { Terminal } from './terminal';
import { lazy } from './lazy';

/** The graphs that come with the command: those of its workspace, or those that were packed with it. */
const SHIPPED = [resolve(__dirname, '..', '..', '..', 'graphs'), resolve(__dirname, 'graphs')].find((folder) =>
  existsSync(join(folder, 'presets')),
);

type Mapping = Readonly<Record<string, unknown>>;

/** Folders of presets; the project's own win. */
function folders(graphs = 'graphs'): readonly string[] {
  return [...new Set([resolve(graphs, 'presets'), ...(SHIPPED === undefined ? [] : [join(SHIPPED, 'presets')])])];
}

/**
 * Every preset that can run with the plugins that are there, by name.
 * @param broken is told of files that are none; the others are there all the same
 * @param graphs the project's folder of graphs
 */
export function presets(broken: (error: SluiceError) => void = () => undefined, graphs?: string): readonly Preset[] {
  const types = new Set(catalogues().flatMap(({ nodes }) => nodes.map(({ type }) => type)));
  const found = new Map<string, Preset>();
  for (const folder of folders(graphs)) {
    const names = existsSync(folder) ? readdirSync(folder).flatMap((file) => (/^[\w-]+\.yaml$/.test(file) ? [file.slice(0, -5)] : [])) : [];
    for (const name of names) {
      if (found.has(name)) continue;
      let one: ReturnType<typeof read>;
      try {
        one = read(join(folder, `${name}.yaml`), name);
      } catch (error) {
        broken(SluiceError.from(error, 'PRESET_INVALID'));
        continue;
      }
      const { preset, graph } = one;
      const used = Object.values(mapping(graph['nodes'])).map((node) => String(mapping(node)['type']));
      if (used.every((type) => types.has(type) || type.startsWith('graph/'))) found.set(name, preset);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws SluiceError PRESET_NOT_FOUND, PRESET_INVALID */
export function presetOf(name: string): Preset {
  const file = /^[\w-]+$/.test(name)
    ? folders()
        .map((folder) => join(folder, `${name}.yaml`))
        .find((path) => existsSync(path))
    : undefined;
  if (file !== undefined) return read(file, name).preset;
  const known = presets().map((preset) => preset.name);
  const near = nearest(name, known);
  throw new SluiceError('PRESET_NOT_FOUND', `There is no preset ${name}.`, {
    hint: near === undefined ? '`sluice presets list` shows all; your own are files graphs/presets/<name>.yaml.' : `Did you mean ${near}?`,
  });
}

function read(file: string, name: string): { readonly preset: Preset; readonly graph: Mapping } {
  const own = parsed(file);
  const refers = typeof own['graph'] === 'string';
  if (refers ? own['params'] !== undefined && !isMapping(own['params']) : !isMapping(own['nodes'])) {
    throw new SluiceError('PRESET_INVALID', `${shown(file)} is neither a graph nor \`graph: <file>\` with \`params: { ... }\`.`, {
      hint: 'Write a graph with params, or name one, relative to the preset.',
    });
  }
  const path = refers ? resolve(dirname(file), own['graph'] as string) : file;
  const graph = refers ? parsed(path) : own;
  const set = refers ? mapping(own['params']) : {};
  const params = Object.entries(mapping(graph['params'])).map(([param, raw]): PresetParam => {
    const { type = 'string', ...rest } = mapping(raw) as Partial<PresetParam>;
    return { name: param, type, ...rest, ...(param in set ? { default: set[param] } : {}) };
  });
  const assets = [...new Set([...JSON.stringify(graph['nodes']).matchAll(/\$\{asset\.([\w-]+)\}/g)].map(([, asset]) => asset!))];
  const description = String(own['description'] ?? graph['description'] ?? '');
  return { preset: { name, description, graph: path, params, set, assets }, graph };
}

/** @throws SluiceError PRESET_INVALID */
function parsed(file: string): Mapping {
  try {
    const value = yaml().parse(readFileSync(file, 'utf8')) as unknown;
    if (isMapping(value)) return value;
    throw new Error('It is no mapping.');
  } catch (error) {
    throw new SluiceError('PRESET_INVALID', `${shown(file)} cannot be read: ${(error as Error).message}`, {
      hint: 'Correct it at that place.',
      cause: error,
    });
  }
}

/** A graph that was made from a preset, and the samples that it needs beside it. */
export interface Instance {
  readonly text: string;
  /** Files by their place below the graph's folder. */
  readonly samples: Readonly<Record<string, string>>;
}

/**
 * The preset's graph as a file of its own: what was set is the default of its parameter now, typed as it is declared. Comments stay.
 * @param folder where it will lie: paths of samples are as seen from there
 * @throws SluiceError GRAPH_INVALID where a value does not fit; the findings are shown
 */
export function instantiate(terminal: Terminal, preset: Preset, name: string, set: Mapping, folder: string): Instance {
  const text = readFileSync(preset.graph, 'utf8');
  const wanted = { ...preset.set, ...set };
  const values = checked(terminal, preset, wanted);
  const { isMap, isNode, isScalar, parseDocument, visit } = yaml();
  const document = parseDocument(text);
  // By places in the text: what is not touched stays as its author wrote it.
  const edits: Edit[] = [];
  const replace = (path: readonly string[], value: unknown): void => {
    const node = document.getIn(path, true);
    if (isNode(node) && node.range != null) edits.push({ from: node.range[0], to: node.range[1], text: flow(value) });
  };
  replace(['name'], name);
  if (preset.description !== document.get('description')) replace(['description'], preset.description);
  for (const param of Object.keys(wanted)) {
    if (document.hasIn(['params', param, 'default'])) replace(['params', param, 'default'], values[param]);
    else {
      const declared = document.getIn(['params', param], true);
      const [first] = isMap(declared) ? declared.items : [];
      const key = isNode(first?.key) ? first.key.range?.[0] : undefined;
      if (key !== undefined) edits.push({ from: key, to: key, text: `default: ${flow(values[param])}, ` });
    }
  }
  const samples: Record<string, string> = {};
  visit(document, {
    Scalar: (_key, scalar) => {
      if (!isScalar(scalar) || scalar.range == null) return;
      const [from, to] = scalar.range;
      const place = edits.some((edit) => edit.from === from) ? undefined : moved(scalar.value, preset.graph, folder, samples);
      if (place !== undefined) edits.push({ from, to, text: flow(place) });
    },
  });
  edits.sort((one, other) => other.from - one.from);
  return { text: edits.reduce((made, edit) => `${made.slice(0, edit.from)}${edit.text}${made.slice(edit.to)}`, text), samples };
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A value as YAML in one line, such that it may stand inside of `{ }`. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (isMapping(value))
    return `{ ${Object.entries(value)
      .map(([key, one]) => `${flow(key)}: ${flow(one)}`)
      .join(', ')} }`;
  // In a list, so that commas and brackets are quoted.
  return typeof value === 'string'
    ? yaml().stringify([value], { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim().slice(1, -1)
    : JSON.stringify(value);
}

/** The parameters' values, as declared. */
export function checked(terminal: Terminal, preset: Preset, set: Mapping): Mapping {
  const file = shown(preset.graph);
  const text = readFileSync(preset.graph, 'utf8');
  // What the graph will need on the machine that runs it need not be here.
  const { diagnostics, params } = checkGraph(
    { text, file },
    { catalogues: catalogues(), params: set, env: process.env, asset: (asset) => asset, secret: (secret) => secret },
  );
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    printDiagnostics(terminal, errors, new Map([[file, text]]));
    throw new SluiceError('GRAPH_INVALID', `Preset ${preset.name} cannot be made with these values; nothing was written.`, {
      hint: `\`sluice presets show ${preset.name}\` says what its parameters are.`,
      details: errors,
    });
  }
  const hidden = Object.keys(set).find((param) => params[param]?.secret === true);
  if (hidden !== undefined) {
    throw new SluiceError('USAGE_INVALID', `The parameter ${hidden} is a secret, and files are no place for it.`, {
      hint: `Leave it out, and give it when the graph runs: --set ${hidden}=...`,
    });
  }
  return Object.fromEntries(Object.entries(params).map(([param, { value }]) => [param, value]));
}

/** A path of a sample, as seen from the graph's new place; from outside of this folder the file comes along. Undefined for all else. */
function moved(value: unknown, from: string, folder: string, samples: Record<string, string>): string | undefined {
  if (typeof value !== 'string' || !/^[\w./-]+\.\w+$/.test(value)) return undefined;
  const path = resolve(dirname(from), value);
  if (basename(dirname(path)) !== 'samples' || !existsSync(path)) return undefined;
  const near = relative(process.cwd(), path);
  if (!near.startsWith('..') && !near.includes('node_modules')) return relative(resolve(folder), path).replaceAll('\\', '/');
  samples[`samples/${basename(path)}`] = path;
  return `samples/${basename(path)}`;
}

const isMapping = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);
const mapping = (value: unknown): Mapping => (isMapping(value) ? value : {});

function yaml(): typeof import('yaml') {
  return lazy('yaml');
}
