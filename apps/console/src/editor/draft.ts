import { changed, historyOf, readGraph, redone, undone, type Diagnostic, type GraphModel, type History } from '@sluice/graph';
import type { Api } from '@sluice/control/client';
import { api, ask } from '../api';
import type { Point } from '../live/layout';
import { store } from '../store';
import { t } from '../strings';
import { complain, say } from '../toasts';
import { check, loadWorld, withSubGraphs, type World } from './world';

export type Places = Readonly<Record<string, Point>>;

/** What is edited: the text of a graph, and where its nodes are drawn. */
export interface Draft {
  readonly text: string;
  readonly places: Places;
}

export interface Editing {
  readonly name: string;
  readonly file: string;
  readonly world: World;
  /** SHA-256 of what was read; null where there is no file yet. */
  readonly base: string | null;
  readonly saved: Draft;
  readonly history: History<Draft>;
  /** Of the newest text that could be read. */
  readonly model: GraphModel;
  /** The text of now is none that blocks can show. */
  readonly broken: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Chosen {
  readonly nodes: readonly string[];
  /** Places in the list of edges. */
  readonly edges: readonly number[];
}
export const NOTHING: Chosen = { nodes: [], edges: [] };

/** Where the nodes are drawn now: kept, all of them, from the first that is moved. */
export const drawn: { places: Places } = { places: {} };

export const editing = store<Editing | undefined>(undefined);
export const chosen = store<Chosen>(NOTHING);

const placesOf = (layout: unknown): Places => {
  const nodes = (layout as { nodes?: unknown } | null)?.nodes;
  return typeof nodes === 'object' && nodes !== null ? (nodes as Places) : {};
};

let turn = 0;

/** Opens a graph; one that is not there begins empty. */
export async function open(name: string, fresh = false): Promise<void> {
  const mine = ++turn;
  chosen.set(NOTHING);
  editing.set(undefined);
  const [loaded, graph] = await Promise.all([
    loadWorld(),
    fresh
      ? { text: `version: 2\nname: ${name.split('/').at(-1)!}\nnodes: {}\n`, file: `${name}.yaml`, sha256: null, layout: null }
      : ask(api.GET('/api/v1/graphs/{name}', { params: { path: { name } } })).then((answer) => answer.graph),
  ]);
  const model = readGraph(graph.text);
  const world = await withSubGraphs(loaded, model);
  if (mine !== turn) return;
  const draft: Draft = { text: graph.text, places: placesOf(graph.layout) };
  editing.set({
    name,
    file: graph.file,
    world,
    base: graph.sha256,
    saved: fresh ? { text: '', places: {} } : draft,
    history: historyOf(draft),
    model: model ?? { name, description: undefined, params: {}, nodes: [], edges: [], inputs: [], outputs: [] },
    broken: model === undefined,
    diagnostics: check(graph.text, graph.file, world).diagnostics,
  });
  askServer();
}

export const isDirty = ({ history: { present }, saved }: Editing): boolean =>
  present.text !== saved.text || present.places !== saved.places;

/** Takes a history over, with all that follows from its text. */
function put(next: History<Draft>): void {
  const now = editing.get();
  if (now === undefined) return;
  const { text } = next.present;
  if (text === now.history.present.text) {
    editing.set({ ...now, history: next });
    return;
  }
  const model = readGraph(text);
  editing.set({
    ...now,
    history: next,
    model: model ?? now.model,
    broken: model === undefined,
    diagnostics: check(text, now.file, now.world).diagnostics,
  });
  if (model !== undefined) {
    const ids = new Set(model.nodes.map(({ id }) => id));
    const places = new Set(model.edges.map(({ index }) => index));
    chosen.set((before) => {
      const kept = { nodes: before.nodes.filter((id) => ids.has(id)), edges: before.edges.filter((index) => places.has(index)) };
      return kept.nodes.length === before.nodes.length && kept.edges.length === before.edges.length ? before : kept;
    });
  }
  askServer();
}

/** A change of the text; `of` names the field where the next letter is no step of its own. @returns whether it could be done */
export function edit(change: (text: string) => string | undefined, { of, places }: { of?: string; places?: Places } = {}): boolean {
  const now = editing.get();
  if (now === undefined) return false;
  const { present } = now.history;
  const text = change(present.text);
  if (text === undefined) {
    complain(new Error(now.broken ? t('editor.broken') : t('editor.as_text')));
    return false;
  }
  if (text !== present.text || places !== undefined)
    put(changed(now.history, { text, places: places === undefined ? present.places : { ...drawn.places, ...places } }, of));
  return true;
}

/** Moves nodes. */
export function place(places: Places): void {
  edit((text) => text, { places });
}

export const undo = (): void => put(undone(editing.get()!.history));
export const redo = (): void => put(redone(editing.get()!.history));

let timer: ReturnType<typeof setTimeout> | undefined;

/** The server's findings, when nobody has typed for a while: it knows environment, secrets and assets. */
function askServer(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const asked = editing.get();
    if (asked === undefined) return;
    const { text } = asked.history.present;
    const current = (): Editing | undefined => {
      const now = editing.get();
      return now?.name === asked.name && now.history.present.text === text ? now : undefined;
    };
    void withSubGraphs(asked.world, asked.model).then((world) => {
      const now = current();
      if (now !== undefined && world !== now.world) editing.set({ ...now, world, diagnostics: check(text, now.file, world).diagnostics });
    });
    api.POST('/api/v1/graphs/validate', { body: { name: asked.name, text } }).then(
      ({ data }) => {
        const now = current();
        if (now !== undefined && data !== undefined) editing.set({ ...now, diagnostics: data.diagnostics });
      },
      // What was found here stands.
      () => undefined,
    );
  }, 350);
}

/** The file beside the graph: places of the nodes that it has. */
export function layoutFile({ places }: Draft): { [key: string]: unknown } {
  const ids = new Set(editing.get()?.model.nodes.map(({ id }) => id));
  return { version: 1, nodes: Object.fromEntries(Object.entries(places).filter(([id]) => ids.has(id))) };
}

/** What the server has now is what is shown. */
export function wasSaved(draft: Draft, sha256: string): void {
  editing.set((now) => now && { ...now, base: sha256, saved: draft });
}

/** @throws ApiFault GRAPH_CHANGED where somebody else saved meanwhile */
export async function save(): Promise<void> {
  const now = editing.get();
  if (now === undefined) return;
  const { present } = now.history;
  const { graph } = await ask(
    api.PUT('/api/v1/graphs/{name}', {
      params: { path: { name: now.name } },
      body: { text: present.text, base: now.base, layout: layoutFile(present) },
    }),
  );
  wasSaved(present, graph.sha256);
  say(t('editor.saved', { name: now.name }));
}

export type PlanDiff = Api['PlanDiff'];
