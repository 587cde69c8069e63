import type { ReactNode } from 'react';
import { Dialog } from './dialog';
import { JsonTree } from './json-tree';

interface RecordDialogProps {
  readonly title: string;
  readonly value: unknown;
  readonly onClose: () => void;
  /** What is said of it before the record itself. */
  readonly children?: ReactNode;
}

/** All that is known of one row of a table. */
export function RecordDialog({ title, value, onClose, children }: RecordDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-text">
        {children}
        <JsonTree value={value} open={3} />
      </div>
    </Dialog>
  );
}
