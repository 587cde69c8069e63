import { t } from '../strings';
import { Icon } from './icon';

interface ChoiceProps<T extends string> {
  /** What is chosen by: the title of a column. */
  readonly label: string;
  readonly of: readonly T[];
  readonly title: (one: T) => string;
  readonly value: T | '';
  readonly onChange: (value: T | '') => void;
}

/** One of the values of a column, or all. */
export function Choice<T extends string>({ label, of, title, value, onChange }: ChoiceProps<T>) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value as T | '')}>
      <option value="">
        {label}: {t('table.all')}
      </option>
      {of.map((one) => (
        <option key={one} value={one}>
          {title(one)}
        </option>
      ))}
    </select>
  );
}

interface WordProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** The exact value of a column, for the server to look for. */
export function Word({ label, value, onChange }: WordProps) {
  return (
    <input
      type="text"
      aria-label={label}
      placeholder={label}
      value={value}
      spellCheck={false}
      onChange={(event) => onChange(event.target.value.trim())}
    />
  );
}

export function Reload({ asked }: { readonly asked: { readonly reload: () => void } }) {
  return (
    <button onClick={asked.reload}>
      <Icon name="reload" />
      {t('state.reload')}
    </button>
  );
}
