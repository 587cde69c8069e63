import { useEffect, useMemo, useRef, useState, type KeyboardEvent as ReactKeyboardEvent } from 'react';
import { flatten, search, type Command, type CommandGroup } from './command-list';
import { capsOf, isTyping, KeyReader, keyOf } from './keys';
import { store, useStore } from './store';
import { t } from './strings';
import { Dialog } from './ui/dialog';

export type { Command, CommandGroup } from './command-list';

const registry = store<readonly (readonly Command[])[]>([]);
const open = store<'palette' | 'keys' | undefined>(undefined);

export const showPalette = (): void => open.set('palette');
export const showKeys = (): void => open.set('keys');

/** Adds commands while the component is there; of two with the same keys the one that was added last has them. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    registry.set((before) => [...before, commands]);
    return () => registry.set((before) => before.filter((one) => one !== commands));
  }, [commands]);
}

/** Hears the keys of the whole page. */
export function useKeys(): void {
  useEffect(() => {
    const reader = new KeyReader();
    const hear = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      // A dialog has the keys for itself.
      if (document.querySelector('dialog[open]') !== null) return;
      const typing = isTyping(event.target);
      const commands = flatten(registry.get());
      for (const keys of reader.read(keyOf(event), event.timeStamp)) {
        const found = commands.find((command) => command.keys?.includes(keys) && (!typing || command.whileTyping));
        if (found === undefined) continue;
        event.preventDefault();
        reader.taken();
        found.run();
        return;
      }
    };
    addEventListener('keydown', hear);
    return () => removeEventListener('keydown', hear);
  }, []);
}

export function Keys({ keys }: { readonly keys: string }) {
  return (
    <span className="keys">
      {capsOf(keys).map((chord, i) => (
        <span key={i}>
          {chord.map((cap) => (
            <kbd key={cap}>{cap}</kbd>
          ))}
        </span>
      ))}
    </span>
  );
}

/** The palette and the list of keys, one of which may be open. */
export function CommandDialogs() {
  const which = useStore(open);
  if (which === 'palette') return <Palette />;
  if (which === 'keys') return <KeyList />;
  return null;
}

const close = (): void => open.set(undefined);

function Palette() {
  const all = flatten(useStore(registry));
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = useMemo(() => search(all, typed), [all, typed]);
  const list = useRef<HTMLUListElement>(null);
  const chosen = Math.min(at, found.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    close();
    // When the dialog has given the focus back.
    setTimeout(command.run);
  };
  const hear = (event: ReactKeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((chosen + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[chosen]);
    }
  };
  return (
    <Dialog title={t('palette.title')} onClose={close} className="palette" bare>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[chosen] === undefined ? undefined : `palette-${chosen}`}
        aria-label={t('palette.search')}
        placeholder={t('palette.search')}
        autoFocus
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={hear}
      />
      <ul id="palette-list" role="listbox" aria-label={t('palette.title')} ref={list}>
        {found.map((command, i) => (
          <li
            key={command.id}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === chosen}
            onMouseMove={() => setAt(i)}
            onClick={() => run(command)}
          >
            <span>{command.title}</span>
            {command.keys?.[0] !== undefined && <Keys keys={command.keys[0]} />}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="soft pad">{t('palette.none')}</p>}
    </Dialog>
  );
}

const GROUPS: readonly CommandGroup[] = ['general', 'editor', 'graph', 'go'];

function KeyList() {
  const all = flatten(useStore(registry)).filter(({ keys }) => keys !== undefined);
  return (
    <Dialog title={t('keys.title')} onClose={close} className="key-list">
      {GROUPS.map((group) => ({ group, commands: all.filter((command) => command.group === group) }))
        .filter(({ commands }) => commands.length > 0)
        .map(({ group, commands }) => (
          <section key={group}>
            <h3>{t(`keys.group.${group}`)}</h3>
            <dl>
              {commands.map((command) => (
                <div key={command.id}>
                  <dt>{command.title}</dt>
                  <dd>
                    <Keys keys={command.keys![0]!} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
    </Dialog>
  );
}
