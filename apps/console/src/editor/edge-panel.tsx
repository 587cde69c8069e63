import { changeEdge, removeEdges, setComment, type GraphEdge } from '@sluice/graph';
import { useMemo } from 'react';
import { t } from '../strings';
import { Icon } from '../ui/icon';
import { edit, type Editing } from './draft';
import { FindingList, findingsAt } from './findings';
import { SchemaForm } from './form';
import { LateText } from './late-text';
import { definition, simple } from './policy-schema';
import { endsOf } from './world';

export function EdgePanel({ edge, now }: { readonly edge: GraphEdge; readonly now: Editing }) {
  const path = `edges.${edge.index}`;
  const schema = useMemo(() => simple(definition(now.world.schema, 'edge')), [now.world.schema]);
  const faults = useMemo(() => {
    const arrow = now.diagnostics.filter((one) => one.path.startsWith(`${path}.`));
    return new Map(
      arrow.map((one) => [one.path.slice(one.path.lastIndexOf('.') + 1), `${one.message}${one.hint === undefined ? '' : ` ${one.hint}`}`]),
    );
  }, [now.diagnostics, path]);
  const ends = endsOf(now.world, now.model, edge);
  return (
    <>
      <h2>
        {edge.from.node} → {edge.to.node}
      </h2>
      <p className="soft small">
        <code>
          {edge.from.node}.{ends.from ?? '?'} → {edge.to.node}.{ends.to ?? '?'}
        </code>
      </p>
      <FindingList found={findingsAt(now, path)} />
      <LateText
        label={t('editor.comment')}
        area
        value={edge.comment ?? ''}
        onCommit={(comment) => edit((text) => setComment(text, ['edges', edge.index], comment))}
      />
      <section>
        <h3>{t('editor.edge.policy')}</h3>
        <SchemaForm
          schema={schema}
          value={edge.options}
          faults={faults}
          onChange={(options) => edit((text) => changeEdge(text, edge.index, { options }), { of: path })}
        />
      </section>
      <button className="danger" onClick={() => edit((text) => removeEdges(text, [edge.index]))}>
        <Icon name="trash" /> {t('editor.delete')}
      </button>
    </>
  );
}
