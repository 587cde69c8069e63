import type { ReactNode } from 'react';
import { t } from '../strings';
import { Icon } from '../ui/icon';
import type { Run } from './live';

export interface PanelProps {
  readonly run: Run;
  readonly id: string;
  readonly onClose: () => void;
  readonly onSelect: (kind: 'node' | 'edge', id: string) => void;
}

/** What a panel is of, and the way to close it. */
export function PanelHead({ kind, name, pill, onClose }: { kind: string; name: string; pill: ReactNode; onClose: () => void }) {
  return (
    <header className="panel-head">
      <div>
        <p className="soft small">{kind}</p>
        <h2 className="mono">{name}</h2>
      </div>
      {pill}
      <button className="icon-button" aria-label={t('dialog.close')} title={`${t('dialog.close')} (Esc)`} onClick={onClose}>
        <Icon name="close" />
      </button>
    </header>
  );
}
