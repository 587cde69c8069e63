import { useEffect, useState } from 'react';

/** A text that is taken over when the field is left or Enter is pressed. */
export function LateText({
  label,
  value,
  onCommit,
  check,
  area = false,
}: {
  label: string;
  value: string;
  onCommit: (value: string) => void;
  check?: (value: string) => string | undefined;
  area?: boolean;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  const fault = typed === value ? undefined : check?.(typed);
  const commit = (): void => {
    if (typed === value) return;
    if (fault !== undefined) setTyped(value);
    else onCommit(typed);
  };
  return (
    <label className="form-field">
      <span className="form-label">{label}</span>
      {area ? (
        <textarea rows={2} value={typed} onChange={({ target }) => setTyped(target.value)} onBlur={commit} />
      ) : (
        <input
          type="text"
          value={typed}
          spellCheck={false}
          onChange={({ target }) => setTyped(target.value)}
          onBlur={commit}
          onKeyDown={({ key }) => key === 'Enter' && commit()}
        />
      )}
      {fault !== undefined && (
        <span className="form-fault" role="alert">
          {fault}
        </span>
      )}
    </label>
  );
}
