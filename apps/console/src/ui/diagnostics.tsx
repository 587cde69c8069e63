import type { Api } from '@sluice/control/client';
import { t } from '../strings';
import { Icon } from './icon';

/** What a check found, each with its place and its remedy. */
export function Diagnostics({
  found,
  onOpen,
}: {
  readonly found: readonly Api['Diagnostic'][];
  readonly onOpen?: (one: Api['Diagnostic']) => void;
}) {
  if (found.length === 0) {
    return (
      <p className="notice ok" role="status">
        {t('diagnostics.none')}
      </p>
    );
  }
  return (
    <ul className="diagnostics" aria-label={t('diagnostics.title')}>
      {found.map((one, i) => (
        <li key={i} className={one.severity}>
          <Icon name="alert" />
          <div>
            <p>{one.message}</p>
            {one.hint !== undefined && <p className="soft">{one.hint}</p>}
            <p className="soft small">
              {onOpen === undefined ? (
                <span className="mono">
                  {one.line}:{one.column}
                </span>
              ) : (
                <button className="link mono" onClick={() => onOpen(one)}>
                  {one.line}:{one.column}
                </button>
              )}{' '}
              · {t(`severity.${one.severity}`)} · <code>{one.code}</code>
              {one.node !== undefined && ` · ${one.node}`}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
