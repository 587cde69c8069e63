import { copyNodes, pasteNodes, removeEdges, removeNodes } from '@sluice/graph';
import { ReactFlowProvider, useReactFlow } from '@xyflow/react';
import { useEffect, useMemo, useState } from 'react';
import { api, ask, ApiFault, may, session, useAsk } from '../api';
import { useCommands, type Command } from '../commands';
import { go, hashOf, usePlace } from '../router';
import { useStore } from '../store';
import { t } from '../strings';
import { attempt, complain } from '../toasts';
import { Dialog } from '../ui/dialog';
import { Icon, type IconName } from '../ui/icon';
import { Empty, FaultView, Loading, PageHead } from '../ui/page';
import { Canvas, FIT } from './canvas';
import { addOfType } from './connecting';
import { Deploy } from './deploy';
import { chosen, edit, editing, isDirty, open, redo, save, undo } from './draft';
import './editor.css';
import { Problems } from './findings';
import { Inspector } from './inspector';
import { Palette } from './palette';
import { align, arrange } from './placing';
import { YamlView } from './yaml-view';

/** `#/editor/<graph>`: the name has its folders, each in its own part of the path or as %2F. */
export function EditorPage() {
  const { parts, query } = usePlace();
  const name = parts.slice(1).join('/');
  return name === '' ? <Pick /> : <Opened key={name} name={name} fresh={query['new'] === '1'} yaml={query['view'] === 'yaml'} />;
}

const NAME = /^[A-Za-z0-9][\w-]*(\/[A-Za-z0-9][\w-]*)*$/;

/** Which graph is to be edited, or a new one. */
function Pick() {
  const { data, fault, reload } = useAsk(() => ask(api.GET('/api/v1/graphs')), []);
  const [name, setName] = useState('');
  const taken = data?.graphs.some((graph) => graph.name === name);
  return (
    <div className="editor-pick">
      <PageHead title={t('editor.pick')}>
        <form
          className="new-graph"
          onSubmit={(event) => {
            event.preventDefault();
            if (NAME.test(name)) go(['editor', ...name.split('/')], taken ? {} : { new: '1' });
          }}
        >
          <input
            type="text"
            aria-label={t('editor.new.name')}
            placeholder={t('editor.new.name')}
            value={name}
            onChange={({ target }) => setName(target.value.trim())}
          />
          <button className="primary" disabled={!NAME.test(name) || taken === true}>
            {t('editor.create')}
          </button>
        </form>
      </PageHead>
      {fault !== undefined && <FaultView fault={fault} retry={reload} />}
      {data === undefined && fault === undefined && <Loading />}
      <ul className="graph-list">
        {data?.graphs.map((graph) => (
          <li key={graph.name}>
            <a className="card" href={hashOf(['editor', ...graph.name.split('/')])}>
              <b>{graph.name}</b>
              <span className="soft">{graph.description}</span>
            </a>
          </li>
        ))}
      </ul>
      {data?.graphs.length === 0 && <Empty title={t('editor.new')} />}
    </div>
  );
}

function Opened({ name, fresh, yaml }: { readonly name: string; readonly fresh: boolean; readonly yaml: boolean }) {
  const now = useStore(editing);
  const [fault, setFault] = useState<ApiFault>();
  const load = (): void => {
    setFault(undefined);
    open(name, fresh).catch((thrown: unknown) => setFault(ApiFault.from(thrown)));
  };
  // Who looks at another page meanwhile finds the changes as they were left.
  const [kept, setKept] = useState(() => {
    const there = editing.get();
    return there !== undefined && isDirty(there) ? there.name : undefined;
  });
  useEffect(() => {
    if (kept === undefined) load();
  }, [kept]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      const there = editing.get();
      if (there !== undefined && isDirty(there)) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, []);
  if (kept !== undefined && kept !== name) {
    const back = (): void => go(['editor', ...kept.split('/')], {}, { replace: true });
    return (
      <Dialog title={t('editor.keep.title', { name: kept })} onClose={back}>
        <p className="dialog-text">{t('editor.keep.text', { next: name })}</p>
        <footer>
          <button className="danger" onClick={() => setKept(undefined)}>
            {t('editor.keep.discard')}
          </button>
          <button className="primary" onClick={back}>
            {t('editor.keep.back', { name: kept })}
          </button>
        </footer>
      </Dialog>
    );
  }
  if (fault !== undefined) return <FaultView fault={fault} retry={load} />;
  if (now?.name !== name) return <Loading />;
  return (
    <ReactFlowProvider>
      <Bench name={name} yaml={yaml} />
    </ReactFlowProvider>
  );
}

function Bench({ name, yaml }: { readonly name: string; readonly yaml: boolean }) {
  const now = useStore(editing)!;
  const picked = useStore(chosen);
  const who = useStore(session);
  const [deploying, setDeploying] = useState(false);
  const [line, setLine] = useState<number>();
  const flow = useReactFlow();
  const writable = may(who?.scope, 'operate');
  const errors = now.diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = now.diagnostics.filter(({ severity }) => severity === 'warning').length;
  const view = (next: 'yaml' | undefined): void => {
    // The YAML opens where the block stands that was looked at.
    const { nodes, edges } = chosen.get();
    const { model } = editing.get()!;
    setLine((model.nodes.find(({ id }) => id === nodes[0]) ?? model.edges.find(({ index }) => index === edges[0]))?.line);
    go(['editor', ...name.split('/')], { view: next }, { replace: true });
  };
  // When what is new has been drawn.
  const show = (): void => void setTimeout(() => void flow.fitView({ ...FIT, duration: 200 }), 80);
  const add = (type: string): void => {
    const id = addOfType(type);
    if (id === undefined) return;
    if (yaml) view(undefined);
    show();
  };
  const commands = useMemo((): readonly (Command & { readonly icon?: IconName; readonly off?: boolean })[] => {
    const remove = (): void => {
      const { nodes, edges } = chosen.get();
      edit((text) => {
        // Edges first: the places of those that are chosen are those of now.
        const without = edges.length === 0 ? text : removeEdges(text, edges);
        return without === undefined || nodes.length === 0 ? without : removeNodes(without, nodes);
      });
    };
    return [
      {
        id: 'editor-undo',
        title: t('editor.undo'),
        group: 'editor',
        keys: ['ctrl+z'],
        icon: 'undo',
        off: now.history.past.length === 0,
        run: undo,
      },
      {
        id: 'editor-redo',
        title: t('editor.redo'),
        group: 'editor',
        keys: ['ctrl+y', 'ctrl+shift+z'],
        icon: 'redo',
        off: now.history.future.length === 0,
        run: redo,
      },
      {
        id: 'editor-layout',
        title: t('editor.layout'),
        group: 'editor',
        keys: ['shift+l'],
        icon: 'editor',
        run: () => (arrange(), show()),
      },
      {
        id: 'editor-align',
        title: t('editor.align'),
        group: 'editor',
        keys: ['shift+a'],
        icon: 'drain',
        off: picked.nodes.length < 2,
        run: align,
      },
      {
        id: 'editor-fit',
        title: t('editor.fit'),
        group: 'editor',
        keys: ['f'],
        icon: 'fit',
        run: () => void flow.fitView({ ...FIT, duration: 200 }),
      },
      {
        id: 'editor-copy',
        title: t('editor.copy'),
        group: 'editor',
        keys: ['ctrl+c'],
        icon: 'copy',
        off: picked.nodes.length === 0,
        run: () => void attempt(() => navigator.clipboard.writeText(copyNodes(editing.get()!.model, chosen.get().nodes)), t('copy.done')),
      },
      {
        id: 'editor-delete',
        title: t('editor.delete'),
        group: 'editor',
        keys: ['delete', 'backspace'],
        icon: 'trash',
        off: picked.nodes.length + picked.edges.length === 0,
        run: remove,
      },
      {
        id: 'editor-paste',
        title: t('editor.paste'),
        group: 'editor',
        keys: ['ctrl+v'],
        run: () => void attempt(async () => paste(await navigator.clipboard.readText())).then(show),
      },
      {
        id: 'editor-add',
        title: t('editor.add'),
        group: 'editor',
        keys: ['a'],
        run: () => document.querySelector<HTMLInputElement>('.editor-palette input')?.focus(),
      },
      {
        id: 'editor-edit',
        title: t('editor.edit'),
        group: 'editor',
        keys: ['e'],
        run: () => document.querySelector<HTMLElement>('.inspector :is(input, textarea, select)')?.focus(),
      },
      {
        id: 'editor-all',
        title: t('editor.select_all'),
        group: 'editor',
        keys: ['ctrl+a'],
        run: () => chosen.set({ nodes: editing.get()!.model.nodes.map(({ id }) => id), edges: [] }),
      },
      {
        id: 'editor-yaml',
        title: t(yaml ? 'editor.blocks' : 'editor.yaml'),
        group: 'editor',
        keys: ['y', 'ctrl+e'],
        whileTyping: false,
        run: () => view(yaml ? undefined : 'yaml'),
      },
      {
        id: 'editor-yaml-typing',
        title: t('editor.blocks'),
        group: 'editor',
        keys: ['ctrl+e'],
        whileTyping: true,
        hidden: true,
        run: () => view(yaml ? undefined : 'yaml'),
      },
      { id: 'editor-save', title: t('editor.save'), group: 'editor', keys: ['ctrl+s'], whileTyping: true, run: () => void attempt(save) },
      {
        id: 'editor-deploy',
        title: t('editor.deploy'),
        group: 'editor',
        keys: ['ctrl+enter'],
        whileTyping: true,
        run: () => setDeploying(true),
      },
    ];
  }, [now.history, picked, yaml, flow, name]);
  useCommands(commands);
  const dirty = isDirty(now);
  return (
    <div className={`editor${yaml ? ' yaml' : ''}`}>
      <header className="editor-bar">
        <h1>{name}</h1>
        <div role="group" aria-label={t('editor.view')} className="switch">
          <button aria-pressed={!yaml} onClick={() => view(undefined)}>
            {t('editor.blocks')}
          </button>
          <button aria-pressed={yaml} onClick={() => view('yaml')}>
            {t('editor.yaml')} <kbd>Y</kbd>
          </button>
        </div>
        <div className="editor-tools">
          {commands.map(
            ({ id, title, icon, off, run }) =>
              icon !== undefined && (
                <button key={id} className="icon-button" aria-label={title} title={title} disabled={off} onClick={run}>
                  <Icon name={icon} />
                </button>
              ),
          )}
        </div>
        {dirty && <span className="pill warn">{t('editor.unsaved')}</span>}
        <button
          className={`problems-button ${errors > 0 ? 'bad' : warnings > 0 ? 'warn' : 'ok'}`}
          onClick={() => chosen.set({ nodes: [], edges: [] })}
        >
          <Icon name={errors + warnings > 0 ? 'alert' : 'check'} />
          {errors + warnings > 0 ? t('editor.problems.n', { errors, warnings }) : t('editor.problems.none')}
        </button>
        <button disabled={!dirty || !writable} title={writable ? undefined : t('editor.read_only')} onClick={() => void attempt(save)}>
          {t('editor.save')}
        </button>
        <button
          className="primary"
          disabled={!writable}
          title={writable ? undefined : t('editor.read_only')}
          onClick={() => setDeploying(true)}
        >
          {t('editor.deploy')}
        </button>
      </header>
      {!yaml && <Palette name={name} world={now.world} onAdd={add} />}
      {yaml ? <YamlView line={line} /> : <Canvas name={name} />}
      {yaml ? (
        <aside className="inspector" aria-label={t('editor.problems')}>
          <h2>{t('editor.problems')}</h2>
          <Problems now={now} onLine={setLine} />
        </aside>
      ) : (
        <Inspector />
      )}
      {deploying && <Deploy onClose={() => setDeploying(false)} />}
    </div>
  );
}

function paste(clip: string): void {
  const now = editing.get()!;
  const made = pasteNodes(now.history.present.text, clip);
  if (made === undefined) {
    complain(new Error(t('editor.paste.none')));
    return;
  }
  edit(() => made.text);
  chosen.set({ nodes: [...made.ids.values()], edges: [] });
}
