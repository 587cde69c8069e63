import { setValue, unsetValue } from '@sluice/graph';
import { useStore } from '../store';
import { t } from '../strings';
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
            const words = typeof preset === 'string' ? preset : (JSON.stringify(preset) ?? '');
            return (
              <div key={name}>
                <LateText
                  label={name}
                  value={words}
                  onCommit={(typed) =>
                    edit((text) => setValue(text, ['params', name, 'default'], typeof preset === 'string' ? typed : parsed(typed)))
                  }
                />
                {description !== undefined && <p className="form-help">{description}</p>}
              </div>
            );
          })}
        </section>
      )}
      <section>
        <h3>{t('editor.problems')}</h3>
        <Problems now={now} />
      </section>
      <TryGraph now={now} />
    </>
  );
}

function parsed(typed: string): unknown {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
