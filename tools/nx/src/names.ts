/** A fault in what was asked for; `hint` says what to do. */
export class ScaffoldError extends Error {
  override readonly name = 'ScaffoldError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 32;
/** Words with a meaning of their own: `graph/x` is a graph inside a graph, the rest are projects and packs that are there or will be. */
const TAKEN =
  'graph graphs graph-lib sluice testing core io queue vision speech agent ops sdk runtime store control fleet cli console nx'.split(' ');
/** Names of devices, which Windows takes for no file, whatever stands behind the dot. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;
const PACKAGE = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;
const WORDS =
  'arguments async await break case catch class const continue debugger default delete do else enum eval export extends false finally for function get if implements import in instanceof interface let new null package private protected public return set static super switch this throw true try typeof undefined var void while with yield'.split(
    ' ',
  );

/** @throws ScaffoldError where it cannot be the name of a plugin */
export function pluginName(text: string): string {
  const name = plainName('plugin', text);
  if (WORDS.includes(name)) throw new ScaffoldError(`${name} is a word of JavaScript.`, 'Choose another name.');
  if (TAKEN.includes(name))
    throw new ScaffoldError(`The name ${name} is taken.`, 'Choose another; `sluice plugins list` shows those that are there.');
  return name;
}

/** @throws ScaffoldError where npm would not take it as the name of a package */
export function packageName(text: string): string {
  if (!PACKAGE.test(text) || text.length > 214) {
    throw new ScaffoldError(
      `${text === '' ? 'Nothing' : text} is no name for a package.`,
      'Use small letters, digits, dots and dashes: sluice-plugin-billing, or @acme/plugin-billing.',
    );
  }
  return text;
}

/** `billing/parse-invoice` or, inside of a plugin, `parse-invoice`. @throws ScaffoldError */
export function nodeName(text: string): { readonly plugin: string; readonly node: string } {
  const [plugin, node, ...more] = text.split('/');
  if (node === undefined || more.length > 0)
    throw new ScaffoldError(`${text} is no name of a node.`, 'Write <plugin>/<name>, such as billing/parse-invoice.');
  return { plugin: plainName('plugin', plugin!), node: plainName('node', node) };
}

/** @throws ScaffoldError where it is not lower case with dashes, or too long */
export function plainName(what: string, text: string): string {
  if (!NAME.test(text) || text.length > LONGEST) {
    throw new ScaffoldError(
      `${text === '' ? 'Nothing' : text} is no name for a ${what}.`,
      `Use up to ${LONGEST} small letters, digits and single dashes, beginning with a letter: parse-invoice.`,
    );
  }
  if (DEVICE.test(text))
    throw new ScaffoldError(`${text} is the name of a device on Windows, where no file can have it.`, 'Choose another.');
  return text;
}

/** `parse-invoice` as `ParseInvoice`. */
export function pascal(name: string): string {
  return name.replace(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase());
}

/** `parse-invoice` as `parseInvoice`. */
export function camel(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
