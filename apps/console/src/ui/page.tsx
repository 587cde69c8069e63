import type { ReactNode } from 'react';
import type { ApiFault } from '../api';
import { t } from '../strings';
import { Icon, type IconName } from './icon';

/** Title of a page with what can be done there. */
export function PageHead({ title, note, children }: { readonly title: string; readonly note?: ReactNode; readonly children?: ReactNode }) {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        {note !== undefined && <p className="soft">{note}</p>}
      </div>
      {children !== undefined && <div className="actions">{children}</div>}
    </header>
  );
}

/** Says that there is nothing, why, and what to do about it. */
export function Empty({
  title,
  icon = 'empty',
  children,
}: {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon name={icon} size={28} />
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="soft">{children}</div>}
    </div>
  );
}

/** A fault where data should be: what the server says, what to do, and a way to try again. */
export function FaultView({ fault, retry }: { readonly fault: ApiFault; readonly retry?: () => void }) {
  const away = fault.status === 0 && fault.code === 'UNREACHABLE';
  const hint = away ? t('state.unreachable.hint') : (fault.hint ?? (fault.status === 401 ? t('app.read_only.hint') : undefined));
  return (
    <div className="empty fault" role="alert">
      <Icon name="alert" size={28} />
      <p className="empty-title">{away ? t('state.unreachable') : fault.message}</p>
      {hint !== undefined && <p className="soft">{hint}</p>}
      <p className="soft small">
        <code>{fault.code}</code>
        {fault.requestId !== undefined && <> · {t('fault.request', { id: fault.requestId })}</>}
      </p>
      {retry !== undefined && <button onClick={retry}>{t('state.retry')}</button>}
    </div>
  );
}

export function Loading() {
  return (
    <p className="loading soft" role="status">
      {t('state.loading')}
    </p>
  );
}

export type Tone = 'ok' | 'warn' | 'bad' | 'busy' | 'quiet';

const HEALTH: Readonly<Record<string, Tone>> = { ok: 'ok', starting: 'busy', draining: 'busy', degraded: 'warn', error: 'bad' };
export const toneOfHealth = (status: string): Tone => HEALTH[status] ?? 'quiet';

/** A state in a word; its colour is never all there is to it. */
export function Pill({ tone, children, title }: { readonly tone: Tone; readonly children: ReactNode; readonly title?: string }) {
  return (
    <span className={`pill ${tone}`} title={title}>
      {children}
    </span>
  );
}
