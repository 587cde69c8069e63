import { useEffect, useRef } from 'react';
import { ApiFault } from './api';
import { store, useStore } from './store';
import { t } from './strings';
import { Icon } from './ui/icon';

interface Toast {
  readonly id: number;
  readonly kind: 'ok' | 'error';
  readonly text: string;
  readonly hint?: string | undefined;
}

const MAX = 4;
const OK_MS = 5_000;
let last = 0;
const toasts = store<readonly Toast[]>([]);

/** Says that something was done. It goes by itself; a fault stays until it is dismissed. */
export function say(text: string): void {
  const id = push({ kind: 'ok', text });
  setTimeout(() => dismiss(id), OK_MS);
}

/** Says what went wrong, with the server's code and what to do about it. */
export function complain(thrown: unknown): void {
  const fault = ApiFault.from(thrown);
  push({
    kind: 'error',
    text: `${fault.message} (${fault.code})`,
    hint: fault.hint ?? (fault.status === 401 ? t('app.read_only.hint') : undefined),
  });
}

/** Does something and says how it went. @returns whether it went well */
export async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await work();
  } catch (thrown) {
    complain(thrown);
    return false;
  }
  if (done !== undefined) say(done);
  return true;
}

function push(toast: Omit<Toast, 'id'>): number {
  const id = ++last;
  toasts.set((before) => [...before.filter(({ text }) => text !== toast.text), { ...toast, id }].slice(-MAX));
  return id;
}

function dismiss(id: number): void {
  toasts.set((before) => before.filter((toast) => toast.id !== id));
}

export function Toasts() {
  const shown = useStore(toasts);
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Anew with each: above a dialog that was opened since, whose backdrop would lie over it.
    region.current?.togglePopover(false);
    if (shown.length > 0) region.current?.togglePopover(true);
  }, [shown]);
  return (
    <div ref={region} popover="manual" className="toasts" role="region" aria-label={t('toast.region')} aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={`toast ${toast.kind}`} role={toast.kind === 'error' ? 'alert' : undefined}>
          <Icon name={toast.kind === 'ok' ? 'check' : 'alert'} />
          <div>
            <p>{toast.text}</p>
            {toast.hint !== undefined && <p className="soft">{toast.hint}</p>}
          </div>
          <button className="icon-button" aria-label={t('toast.dismiss')} onClick={() => dismiss(toast.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
