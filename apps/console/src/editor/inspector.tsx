import { setValue, unsetValue, type GraphBorder } from '@sluice/graph';
import { textOf, valueOf } from '../pages/params';
import { useStore } from '../store';
import { t } from '../strings';
import { Facts } from '../ui/facts';
import { chosen, edit, editing, type Editing } from './draft';
import { EdgePanel } from './edge-panel';
import { Problems } from './findings';
import { LateText } from './late-text';
import { NodePanel } from './node-panel';
import { TryGraph } from './try';

export function Inspector() {
  const now = useStore(editing)!;
  const { nodes, edges } = useStore(chosen);
  const node = nodes.length === 1 ? now.model.nodes.find(({ id }) => id === nodes[0]) : undefined;
  const edge = nodes.length === 0 && edges.length === 1 ? now.model.edges.find(({ index }) => index === edges[0]) : undefined;
  return (
    <aside className="inspector" aria-label={t('editor.inspector')}>
      {node !== undefined ? (
        <NodePanel key={node.id} node={node} now={now} />
      ) : edge !== undefined ? (
        <EdgePanel key={edge.index} edge={edge} now={now} />
      ) : nodes.length > 1 ? (
        <h2>{t('editor.many', { n: nodes.length })}</h2>
      ) : (
        <GraphPanel now={now} />
      )}
    </aside>
  );
}

function GraphPanel({ now }: { readonly now: Editing }) {
  const { model } = now;
  return (
    <>
      <h2>{model.name ?? now.name}</h2>
      <LateText
        label={t('editor.description')}
        area
        value={model.description ?? ''}
        onCommit={(text) => edit((old) => (text === '' ? unsetValue(old, ['description']) : setValue(old, ['description'], text)))}
      />
      {Object.keys(model.params).length > 0 && (
        <section>
          <h3>{t('editor.params')}</h3>
          {Object.entries(model.params).map(([name, param]) => {
            const { default: preset, description } = (param ?? {}) as { default?: unknown; description?: string };
            return (
              <div key={name}>
                <LateText
                  label={name}
                  value={textOf(preset)}
                  onCommit={(typed) => edit((text) => setValue(text, ['params', name, 'default'], valueOf(typed, preset)))}
                />
                {description !== undefined && <p className="form-help">{description}</p>}
              </div>
            );
          })}
        </section>
      )}
      <Borders title={t('editor.inputs')} of={model.inputs} />
      <Borders title={t('editor.outputs')} of={model.outputs} />
      <section>
        <h3>{t('editor.problems')}</h3>
        <Problems now={now} />
      </section>
      <TryGraph now={now} />
    </>
  );
}

/** What a program, or a graph that this one is a node of, feeds and reads. */
function Borders({ title, of }: { readonly title: string; readonly of: readonly GraphBorder[] }) {
  if (of.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <Facts
        facts={of.map(({ name, ends }) => [
          name,
          ends.map(({ node, port }) => (
            <button key={`${node}.${port}`} className="link mono" onClick={() => chosen.set({ nodes: [node], edges: [] })}>
              {port === undefined ? node : `${node}.${port}`}
            </button>
          )),
        ])}
      />
    </section>
  );
}
