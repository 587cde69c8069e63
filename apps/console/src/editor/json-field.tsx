import type { FieldProps, RJSFSchema, UiSchema } from '@rjsf/utils';
import { useEffect, useState } from 'react';
import { t } from '../strings';

const SHAPES = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref', 'properties'];

/** Whether a schema says no more than that there is a value. */
const isOpen = (schema: unknown): boolean =>
  schema === true || (typeof schema === 'object' && schema !== null && !SHAPES.some((key) => key in schema));

/** Which fields of a form are written as JSON: values, lists and maps of which the schema does not say what is in them. */
export function openFields(schema: RJSFSchema): UiSchema {
  const { properties = {}, items, type, additionalProperties } = schema;
  if (isOpen(schema) || (type === 'array' && (items === undefined || isOpen(items)))) return { 'ui:field': 'json' };
  if (type === 'object' && schema.properties === undefined && additionalProperties !== undefined && additionalProperties !== false)
    return { 'ui:field': 'json' };
  const made: UiSchema = Object.fromEntries(
    Object.entries(properties).map(([key, field]) => [key, typeof field === 'boolean' ? {} : openFields(field)]),
  );
  if (typeof items === 'object' && !Array.isArray(items)) made['items'] = openFields(items);
  return made;
}

/** A value as JSON; taken over whenever it is some. */
export function JsonField({ formData, fieldPathId, onChange, schema }: FieldProps<unknown, RJSFSchema>) {
  const text = formData === undefined ? '' : JSON.stringify(formData);
  const [typed, setTyped] = useState(text);
  const [bad, setBad] = useState(false);
  // What came from elsewhere, such as an undo; a text that says the same is left as it was typed.
  useEffect(() => setTyped((before) => (compact(before) === text ? before : text)), [text]);
  const take = (next: string): void => {
    setTyped(next);
    const value = compact(next);
    setBad(value === undefined);
    if (value !== undefined) onChange(value === '' ? undefined : (JSON.parse(value) as unknown), fieldPathId.path);
  };
  const preset = schema.default ?? (schema.examples as unknown[] | undefined)?.[0];
  return (
    <>
      <textarea
        id={fieldPathId.$id}
        className="mono"
        rows={2}
        spellCheck={false}
        value={typed}
        placeholder={schema.default === undefined ? JSON.stringify(preset) : t('editor.form.unset', { value: JSON.stringify(preset) })}
        aria-describedby={`${fieldPathId.$id}__description`}
        aria-invalid={bad}
        onChange={({ target }) => take(target.value)}
      />
      {bad && (
        <p className="form-fault" role="alert">
          {t('editor.form.no_json')}
        </p>
      )}
    </>
  );
}

/** JSON without its spaces; '' for nothing, undefined for what is none. */
function compact(text: string): string | undefined {
  if (text.trim() === '') return '';
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}
