import Form from '@rjsf/core';
import {
  ariaDescribedByIds,
  type ArrayFieldItemTemplateProps,
  type ArrayFieldTemplateProps,
  type BaseInputTemplateProps,
  type FieldTemplateProps,
  type ObjectFieldTemplateProps,
  type RJSFSchema,
  type ValidatorType,
  type WidgetProps,
} from '@rjsf/utils';
import { useMemo } from 'react';
import { t } from '../strings';
import { Icon } from '../ui/icon';
import { JsonField, openFields } from './json-field';

type Json = Readonly<Record<string, unknown>>;

/** What is wrong with a field, by its dotted path. */
export type FieldFaults = ReadonlyMap<string, string>;

interface Context {
  readonly faults: FieldFaults;
}

/** Whether a value is of a type of JSON Schema: enough to know which of several shapes is meant. */
function isOf(schema: RJSFSchema, value: unknown): boolean {
  if (schema.const !== undefined) return schema.const === value;
  if (schema.enum !== undefined) return schema.enum.some((one) => one === value);
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return true;
  if (types.includes('integer') && Number.isInteger(value)) return true;
  return types.some((one) => one === type);
}

/** The graph's own check says what is wrong; this tells shapes apart. (A compiler of schemas would need `eval`, which the page may not.) */
const VALIDATOR: ValidatorType = {
  validateFormData: () => ({ errors: [], errorSchema: {} }),
  isValid: (schema, value) => isOf(schema as RJSFSchema, value),
  rawValidation: () => ({ errors: [] }),
};

/** A placeholder may stand for any value: where one does, the field is a text. */
function withPlaceholders(schema: RJSFSchema, value: unknown): RJSFSchema {
  if (typeof value === 'string' && value.includes('${')) {
    const { title, description } = schema;
    return { type: 'string', ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
  }
  const { properties, items } = schema;
  if (properties !== undefined && !Array.isArray(value)) {
    const record = (typeof value === 'object' && value !== null ? value : {}) as Json;
    return {
      ...schema,
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, field]) => [key, typeof field === 'boolean' ? field : withPlaceholders(field, record[key])]),
      ),
    };
  }
  // One shape for all items: that of the first that has a placeholder, if there is one.
  if (Array.isArray(value) && typeof items === 'object' && !Array.isArray(items)) {
    const odd = value.find((item) => JSON.stringify(item)?.includes('${'));
    return odd === undefined ? schema : { ...schema, items: withPlaceholders(items, odd) };
  }
  return schema;
}

function FieldView(props: FieldTemplateProps<unknown, RJSFSchema, Context>) {
  const { id, label, children, schema, hidden, required, registry, rawDescription } = props;
  if (hidden) return <div hidden>{children}</div>;
  const path = id.replace(/^root_?/, '');
  const fault = registry.formContext.faults.get(path.replaceAll('__', '.'));
  const nested = (schema.type === 'object' || schema.type === 'array') && props.uiSchema?.['ui:field'] !== 'json';
  if (id === 'root') return <>{children}</>;
  return (
    <div className={`form-field${fault === undefined ? '' : ' faulty'}`}>
      {nested ? (
        <span className="form-label">{label}</span>
      ) : (
        <label htmlFor={id}>
          {label}
          {required ? ' *' : ''}
        </label>
      )}
      {children}
      {rawDescription !== undefined && rawDescription !== '' && (
        <p className="form-help" id={`${id}__description`}>
          {rawDescription}
        </p>
      )}
      {fault !== undefined && (
        <p className="form-fault" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

function InputView({ id, value, schema, onChange, disabled, registry }: BaseInputTemplateProps<unknown, RJSFSchema, Context>) {
  void registry;
  const preset = schema.default;
  const example = Array.isArray(schema.examples) ? shown(schema.examples[0]) : '';
  return (
    <input
      id={id}
      type="text"
      inputMode={schema.type === 'number' || schema.type === 'integer' ? 'decimal' : undefined}
      value={value === undefined || value === null ? '' : shown(value)}
      placeholder={preset === undefined ? example : t('editor.form.unset', { value: shown(preset) })}
      disabled={disabled}
      aria-describedby={ariaDescribedByIds(id)}
      spellCheck={false}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
    />
  );
}

/** Yes, no, or the default: a box that is empty could mean either. */
function FlagView({ id, value, schema, onChange }: WidgetProps<unknown, RJSFSchema, Context>) {
  return (
    <select
      id={id}
      value={value === undefined ? '' : String(value)}
      onChange={({ target }) => onChange(target.value === '' ? undefined : target.value === 'true')}
      aria-describedby={ariaDescribedByIds(id)}
    >
      <option value="">{t('editor.form.unset', { value: shown(schema.default ?? false) })}</option>
      <option value="true">true</option>
      <option value="false">false</option>
    </select>
  );
}

function ChoiceView({ id, value, schema, options, onChange }: WidgetProps<unknown, RJSFSchema, Context>) {
  const choices = options.enumOptions ?? [];
  return (
    <select
      id={id}
      value={choices.findIndex((one) => one.value === value)}
      onChange={({ target }) => onChange(target.value === '-1' ? undefined : choices[Number(target.value)]?.value)}
      aria-describedby={ariaDescribedByIds(id)}
    >
      <option value={-1}>{schema.default === undefined ? '' : t('editor.form.unset', { value: shown(schema.default) })}</option>
      {choices.map((one, i) => (
        <option key={i} value={i}>
          {one.label}
        </option>
      ))}
    </select>
  );
}

function ObjectView({ properties }: ObjectFieldTemplateProps) {
  return (
    <div className="form-object">{properties.map(({ content, name, hidden }) => (hidden ? null : <div key={name}>{content}</div>))}</div>
  );
}

function ArrayView({ items, canAdd, onAddClick, title }: ArrayFieldTemplateProps) {
  return (
    <div className="form-list">
      {items}
      {canAdd && (
        <button type="button" onClick={onAddClick} aria-label={`${t('editor.form.add')}: ${title}`}>
          <Icon name="add" /> {t('editor.form.add')}
        </button>
      )}
    </div>
  );
}

function ItemView({ children, buttonsProps, hasToolbar, index }: ArrayFieldItemTemplateProps) {
  return (
    <div className="form-item">
      {children}
      {hasToolbar && buttonsProps.hasRemove && (
        <button
          type="button"
          className="icon-button"
          aria-label={`${t('editor.form.remove')} ${index + 1}`}
          onClick={buttonsProps.onRemoveItem}
        >
          <Icon name="trash" />
        </button>
      )}
    </div>
  );
}

const TEMPLATES = {
  FieldTemplate: FieldView,
  BaseInputTemplate: InputView,
  ObjectFieldTemplate: ObjectView,
  ArrayFieldTemplate: ArrayView,
  ArrayFieldItemTemplate: ItemView,
  ErrorListTemplate: () => null,
  ButtonTemplates: { SubmitButton: () => null },
};
/** JSON where the schema says no more than that there is a value. */
const FIELDS = { json: JsonField };
const WIDGETS = { CheckboxWidget: FlagView, SelectWidget: ChoiceView, RadioWidget: ChoiceView };

interface SchemaFormProps {
  readonly schema: Json;
  readonly value: Json;
  readonly faults: FieldFaults;
  readonly onChange: (value: Json) => void;
}

/** A form made of a JSON Schema. What is not set stays unset: defaults are shown, not written. */
export function SchemaForm({ schema, value, faults, onChange }: SchemaFormProps) {
  const made = useMemo(() => withPlaceholders(plain(schema) as RJSFSchema, value), [schema, value]);
  const shape = useMemo(() => ({ ...openFields(made), 'ui:submitButtonOptions': { norender: true } }), [made]);
  const context = useMemo((): Context => ({ faults }), [faults]);
  return (
    <Form<Json, RJSFSchema, Context>
      tagName="div"
      className="schema-form"
      schema={made}
      formData={value}
      formContext={context}
      validator={VALIDATOR as ValidatorType<Json, RJSFSchema, Context>}
      noValidate
      showErrorList={false}
      idSeparator="__"
      templates={TEMPLATES as never}
      widgets={WIDGETS as never}
      experimental_defaultFormStateBehavior={{ emptyObjectFields: 'skipDefaults', arrayMinItems: { populate: 'never' } }}
      omitExtraData={false}
      uiSchema={shape}
      fields={FIELDS as never}
      onChange={({ formData }) => onChange(tidy(formData) as Json)}
    />
  );
}

/** The names of the file as labels. Which fields go together is for the check to say: here it would be a question without an answer. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== 'object' || schema === null) return schema;
  const together = Object.hasOwn(schema, 'properties') ? ['anyOf', 'oneOf', 'allOf', 'not', 'dependencies'] : [];
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]: [string, unknown]) =>
      key.startsWith('x-') || together.includes(key) ? [] : [[key, key === 'default' ? value : plain(value)]],
    ),
  );
}

/** Without what is not set. */
function tidy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, tidy(item)]])));
}
