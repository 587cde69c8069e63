/** How keys are written in the registry: `ctrl+k`, `?`, `shift+arrowdown`, or a sequence `g d`. Ctrl stands for Cmd on a Mac, too. */
export function keyOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  // A sign that needs shift says so by itself.
  const shift = event.shiftKey && (key.length > 1 || /[a-z0-9]/.test(key));
  return `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${shift ? 'shift+' : ''}${key}`;
}

/** Whether keys mean text where the focus is. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=""], [contenteditable=true]') !== null
  );
}

const SEQUENCE_MS = 1_200;

/** Finds the command for a key, where sequences take two. */
export class KeyReader {
  #first: { readonly key: string; readonly at: number } | undefined;

  /** @returns the keys that are meant, longest first, to be looked up in this order */
  read(key: string, now: number): readonly string[] {
    const first = this.#first !== undefined && now - this.#first.at < SEQUENCE_MS ? this.#first.key : undefined;
    this.#first = { key, at: now };
    return first === undefined ? [key] : [`${first} ${key}`, key];
  }

  /** What was read has been used. */
  taken(): void {
    this.#first = undefined;
  }
}

const MAC = /mac/i.test(globalThis.navigator?.platform ?? '');
const SHOWN: Readonly<Record<string, string>> = {
  ctrl: MAC ? '⌘' : 'Ctrl',
  shift: MAC ? '⇧' : 'Shift',
  alt: MAC ? '⌥' : 'Alt',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  escape: 'Esc',
  delete: 'Del',
  enter: 'Enter',
  space: 'Space',
};

/** The caps of a key, as a reader knows them: `g d` -> [['G'], ['D']]. */
export function capsOf(keys: string): readonly (readonly string[])[] {
  return keys
    .split(' ')
    .map((chord) =>
      (chord === '+' ? ['+'] : chord.split('+')).map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
    );
}
