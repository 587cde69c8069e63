const OURS = /^(params|env|secret|asset)\./;
/** `${oc.env:NAME}`, `${oc.env:NAME,default}`. */
const ENV = /^oc\.env:\s*([A-Za-z_]\w*)\s*(?:,(.*))?$/s;
/** What a value is read as is said by the schema of the config here. */
const DECODE = /^oc\.(?:decode|create):\s*(\$\{.*\})\s*$/s;

/** Interpolations of OmegaConf as ours, in all texts below a value. What has no counterpart is left, and is a finding of its own. */
export function placeholders(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('${') ? inText(value) : value;
  if (Array.isArray(value)) return value.map(placeholders);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, placeholders(item)]));
}

function inText(text: string): string {
  let made = '';
  for (let at = 0; at < text.length;) {
    const start = text.indexOf('${', at);
    if (start < 0) return made + text.slice(at);
    const end = closing(text, start);
    if (end < 0) return made + text.slice(at);
    made += text.slice(at, start) + one(text.slice(start + 2, end));
    at = end + 1;
  }
  return made;
}

/** The brace that closes the one at `start + 1`; -1 where there is none. */
function closing(text: string, start: number): number {
  let depth = 0;
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function one(inner: string): string {
  const decoded = DECODE.exec(inner.trim());
  if (decoded !== null) return inText(decoded[1]!);
  const [, name, preset] = ENV.exec(inner.trim()) ?? [];
  if (name === undefined) return `\${${OURS.test(inner) ? inner : inner.trim()}}`;
  if (preset === undefined) return `\${env.${name}}`;
  const bare = preset.trim().replace(/^(["'])(.*)\1$/s, '$2');
  // A default that is an interpolation has no counterpart: it stays as it is and is found.
  return bare.includes('${') ? `\${${inner}}` : `\${env.${name}:${bare}}`;
}
