import { api, ask, useAsk } from '../api';
import { t } from '../strings';
import { FaultView, Loading } from '../ui/page';

interface Schema {
  readonly properties?: Readonly<
    Record<string, Readonly<{ type?: unknown; description?: string; default?: unknown; enum?: readonly unknown[] }>>
  >;
  readonly required?: readonly string[];
}

/** What the catalogue says of a node type: the same that the CLI and the docs say. */
export function NodeDocs({ type }: { readonly type: string }) {
  const [pack = '', name = ''] = type.split('/');
  const { data, fault, reload } = useAsk(() => ask(api.GET('/api/v1/nodes/{pack}/{name}', { params: { path: { pack, name } } })), [type]);
  if (fault !== undefined) return <FaultView fault={fault} retry={reload} />;
  if (data === undefined) return <Loading />;
  const { node } = data;
  const { properties = {}, required = [] } = node.config as Schema;
  return (
    <div className="docs">
      <p>{node.summary}</p>
      {node.doc !== undefined && node.doc.split(/\n{2,}/).map((part, i) => <p key={i}>{part}</p>)}
      {(['in', 'out'] as const).map(
        (side) =>
          Object.keys(node[side]).length > 0 && (
            <section key={side}>
              <h3>{t(`docs.${side}`)}</h3>
              <dl>
                {Object.entries(node[side]).map(([port, entry]) => (
                  <div key={port}>
                    <dt>
                      <code>{port}</code> <span className="soft small">{entry.type}</span>
                    </dt>
                    <dd>{entry.doc}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ),
      )}
      {Object.keys(properties).length > 0 && (
        <section>
          <h3>{t('panel.config')}</h3>
          <dl>
            {Object.entries(properties).map(([key, property]) => (
              <div key={key}>
                <dt>
                  <code>{key}</code>{' '}
                  <span className="soft small">
                    {property.enum?.join(' | ') ?? String(property.type ?? '')}
                    {required.includes(key)
                      ? `, ${t('docs.required')}`
                      : property.default === undefined
                        ? ''
                        : `, ${JSON.stringify(property.default)}`}
                  </span>
                </dt>
                <dd>{property.description}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}
