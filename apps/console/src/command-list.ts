export type CommandGroup = 'general' | 'go' | 'graph' | 'editor';

/** Something that can be done from here: in the palette, and by its keys. Every action of the console is one. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: CommandGroup;
  /** Such as `ctrl+k`, `?`, `g d`; see keys.ts. The first is shown. */
  readonly keys?: readonly string[];
  /** True where the keys count in a text field, too. */
  readonly whileTyping?: boolean;
  /** Not in the palette: only its keys. */
  readonly hidden?: boolean;
  readonly run: () => void;
}

/** Newest first, each id once. */
export function flatten(groups: readonly (readonly Command[])[]): readonly Command[] {
  const byId = new Map<string, Command>();
  for (const commands of [...groups].reverse()) for (const command of commands) if (!byId.has(command.id)) byId.set(command.id, command);
  return [...byId.values()];
}

/** Commands whose title has all the words; those that begin with what was typed come first. */
export function search(commands: readonly Command[], typed: string): readonly Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const begins = (command: Command): number => (command.title.toLowerCase().startsWith(typed.trim().toLowerCase()) ? 0 : 1);
  return commands
    .filter((command) => !command.hidden && words.every((word) => command.title.toLowerCase().includes(word)))
    .sort((a, b) => (typed === '' ? 0 : begins(a) - begins(b)));
}
