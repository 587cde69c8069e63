// Writes docs/reference/machines.md: the machines of the store, from their declarations.
//   node -C @sluice/source -r @swc-node/register tools/docgen/machines.mjs [--check]
import { createRequire } from 'node:module';
import { cell, deliver } from './pages.mjs';

const { MACHINES } = createRequire(import.meta.url)('@sluice/store');

function section(machine) {
  const rows = machine.states.map((state) => {
    const { doc, to, on_due } = machine.spec(state);
    const next = to.length === 0 ? 'the end' : to.map((name) => `\`${name}\``).join(', ');
    const due = on_due === undefined ? '' : ` When due: \`${on_due}\`.`;
    return `| \`${state}\` | ${cell(doc + due)} | ${next} | \`${machine.event(state)}\` |`;
  });
  return [
    `## ${machine.type}`,
    '',
    machine.doc,
    '',
    `It begins in ${machine.entry.map((state) => `\`${state}\``).join(' or ')}.`,
    '',
    '| state | meaning | may become | event |',
    '|---|---|---|---|',
    ...rows,
    '',
  ];
}

const text = [
  '# Machines',
  '',
  'Durable things change only along these transitions. A change is a compare-and-swap of the thing and a row of the journal, in one',
  'transaction; one that is not listed here, or comes too late, is a [CONFLICT](errors/CONFLICT.md). A store has one journal, and its rows,',
  'of all machines, are one chain of hashes: `sluice journal verify` finds any that was changed or is missing.',
  '',
  ...MACHINES.all.flatMap(section),
].join('\n');
deliver(new Map([['docs/reference/machines.md', text]]), {
  command: 'run `node -C @sluice/source -r @swc-node/register tools/docgen/machines.mjs`.',
});
