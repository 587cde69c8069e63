import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { t } from '../strings';
import { Icon } from './icon';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly className?: string;
  /** The title is only read aloud, not shown. */
  readonly bare?: boolean;
  readonly children: ReactNode;
}

/** A modal dialog: the browser keeps the focus in it, ends it on Escape and gives the focus back. */
export function Dialog({ title, onClose, className = '', bare = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current!;
    const before = document.activeElement;
    element.showModal();
    return () => {
      element.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={className}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className="dialog-body">
        <header className={bare ? 'sr-only' : undefined}>
          <h2 id={id}>{title}</h2>
          {!bare && (
            <button className="icon-button" aria-label={t('dialog.close')} onClick={onClose}>
              <Icon name="close" />
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: ReactNode;
  /** What the button that does it says: a verb. */
  readonly verb: string;
  readonly danger?: boolean;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be taken back. */
export function Confirm({ title, text, verb, danger = false, onConfirm, onClose }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-text">{text}</div>
      <footer>
        <button onClick={onClose}>{t('dialog.cancel')}</button>
        <button
          className={danger ? 'danger' : 'primary'}
          disabled={busy}
          onClick={() => {
            setBusy(true);
            void onConfirm().finally(onClose);
          }}
        >
          {verb}
        </button>
      </footer>
    </Dialog>
  );
}
