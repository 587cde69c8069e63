import { renameNode, setComment, setConfig, setValue, unsetValue, type GraphNode } from '@sluice/graph';
import { useMemo } from 'react';
import { hashOf } from '../router';
import { t } from '../strings';
import { Connect } from './connect';
import { chosen, edit, type Editing } from './draft';
import { FindingList, faultsAt, findingsAt } from './findings';
import { SchemaForm } from './form';
import { LateText } from './late-text';
import { policiesOf } from './policy-schema';
import { TryNode } from './try';

const ID = /^[A-Za-z][A-Za-z0-9_-]*$/;

export function NodePanel({ node, now }: { readonly node: GraphNode; readonly now: Editing }) {
  const entry = now.world.type(node.type);
  const path = `nodes.${node.id}`;
  const faults = useMemo(() => faultsAt(now, `${path}.config`), [now.diagnostics, path]);
  const policyFaults = useMemo(() => faultsAt(now, path), [now.diagnostics, path]);
  const policySchema = useMemo(() => policiesOf(now.world.schema), [now.world.schema]);
  const properties = Object.keys((entry?.config['properties'] as object | undefined) ?? {});
  const rename = (id: string): void => {
    const { places } = now.history.present;
    if (edit((text) => renameNode(text, node.id, id), places[node.id] === undefined ? {} : { places: { [id]: places[node.id]! } }))
      chosen.set({ nodes: [id], edges: [] });
  };
  return (
    <>
      <h2>{node.id}</h2>
      <p className="soft small">
        <code>{node.type}</code> {entry?.summary ?? t('editor.unknown_type')}
      </p>
      {node.type.startsWith('graph/') && (
        <a className="button" href={hashOf(['editor', node.type.slice('graph/'.length)])}>
          {t('editor.open_sub')}
        </a>
      )}
      <FindingList found={now.diagnostics.filter((one) => one.node === node.id || findingsAt(now, path).includes(one))} />
      <LateText
        label={t('editor.id')}
        value={node.id}
        check={(id) => (ID.test(id) && !now.model.nodes.some((one) => one.id === id) ? undefined : t('editor.id.bad'))}
        onCommit={rename}
      />
      <LateText
        label={t('editor.comment')}
        area
        value={node.comment ?? ''}
        onCommit={(comment) => edit((text) => setComment(text, ['nodes', node.id], comment))}
      />
      <section>
        <h3>{t('editor.config')}</h3>
        {properties.length === 0 ? (
          <p className="soft small">{t('editor.config.none')}</p>
        ) : (
          <SchemaForm
            schema={entry!.config}
            value={node.config}
            faults={faults}
            onChange={(config) => edit((text) => setConfig(text, node.id, config), { of: `${path}.config` })}
          />
        )}
      </section>
      <Connect node={node} now={now} />
      <details>
        <summary>{t('editor.policies')}</summary>
        <SchemaForm
          schema={policySchema}
          value={node.policies}
          faults={policyFaults}
          onChange={(policies) => edit((text) => change(text, ['nodes', node.id], node.policies, policies), { of: `${path}.policies` })}
        />
      </details>
      <TryNode key={node.type} node={node} now={now} />
    </>
  );
}

/** Keys of a mapping that are other ones are set or taken out. */
function change(text: string, path: readonly string[], before: object, after: Readonly<Record<string, unknown>>): string | undefined {
  let made: string | undefined = text;
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key) && made !== undefined) made = unsetValue(made, [...path, key]);
  for (const [key, value] of Object.entries(after)) if (made !== undefined) made = setValue(made, [...path, key], value);
  return made;
}
