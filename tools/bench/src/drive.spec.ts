import { drive, orderOf, WrongResult } from './drive.mjs';
import { json, markdown } from './table.mjs';

interface Side {
  readonly ns?: number;
  readonly check?: string;
  readonly unavailable?: string;
}
type Experiment = { readonly name: string };

const ratio = ({ ours, peer }: { ours: { ns: number }; peer: { ns: number } }) => ours.ns / peer.ns;
const fast = {
  name: 'fast',
  clock: 'cpu',
  sides: { ours: null, peer: null, extra: null },
  cases: [
    { id: 'fast', what: 'ours', peer: 'theirs', unit: 'ratio', goal: 0.5, better: 'lower', sides: ['ours', 'peer'], value: ratio },
    { id: 'more', unit: 'ns', goal: 1, better: 'higher', sides: ['extra'], value: ({ extra }: { extra: { ns: number } }) => extra.ns },
  ],
};
const missing = {
  name: 'missing',
  sides: { ours: null },
  cases: [{ id: 'gone', unit: 'ms', goal: 1, better: 'lower', value: () => 0 }],
};

/** Sides that take what a script says, call by call, and a list of who was run. */
function scripted(script: Readonly<Record<string, readonly Side[]>>) {
  const ran: string[] = [];
  const run = async ({ name }: Experiment, side: string): Promise<Side> => {
    const key = `${name}.${side}`;
    const nth = ran.filter((one) => one === key).length;
    ran.push(key);
    return script[key]![Math.min(nth, script[key]!.length - 1)]!;
  };
  return { ran, run };
}

describe('drive', () => {
  const script = {
    'fast.ours': [
      { ns: 40, check: '7/21' },
      { ns: 60, check: '7/21' },
      { ns: 50, check: '7/21' },
    ],
    'fast.peer': [{ ns: 100, check: '7/21' }],
    'fast.extra': [{ ns: 3 }],
    'missing.ours': [{ unavailable: 'there is none' }],
  };

  it('pairs the sides of a round, and takes the median of the ratios', async () => {
    const { run } = scripted(script);
    const [one, more] = await drive([fast], { rounds: 3, options: {}, run });
    expect(one).toMatchObject({ id: 'fast', min: 0.4, median: 0.5, max: 0.6, goal: 0.5, met: true });
    expect(more).toMatchObject({ id: 'more', median: 3, met: true });
  });

  it('interleaves: every other round backwards', async () => {
    const { ran, run } = scripted(script);
    await drive([fast, { ...missing, name: 'fast', sides: { extra: null } }], { rounds: 2, options: {}, run });
    expect(ran).toEqual(['fast.ours', 'fast.peer', 'fast.extra', 'fast.extra', 'fast.extra', 'fast.extra', 'fast.peer', 'fast.ours']);
    expect(orderOf([1, 2, 3], 1)).toEqual([3, 2, 1]);
  });

  it('runs only the sides that the cases asked for look at', async () => {
    const { ran, run } = scripted(script);
    const cases = await drive([fast], { rounds: 1, options: {}, only: new Set(['fast']), run });
    expect(ran).toEqual(['fast.ours', 'fast.peer']);
    expect(cases.map(({ id }: { id: string }) => id)).toEqual(['fast']);
  });

  it('stops where two sides did not give the same', async () => {
    const { run } = scripted({ ...script, 'fast.peer': [{ ns: 100, check: '7/22' }] });
    await expect(drive([fast], { rounds: 1, options: {}, run })).rejects.toThrow(WrongResult);
  });

  it('invents no number for what is not there, and does not try it again', async () => {
    const { ran, run } = scripted(script);
    const [gone] = await drive([missing], { rounds: 7, options: {}, run });
    expect(gone).toMatchObject({ id: 'gone', min: null, median: null, max: null, met: false, reason: 'there is none' });
    expect(ran).toHaveLength(1);
  });

  it('gives the object of --json with exactly the keys that programs rely on, and a table for people', async () => {
    const { run } = scripted(script);
    const cases = await drive([fast, missing], { rounds: 1, options: {}, run });
    const result = { machine: 'm', commit: 'c', rounds: 1, cases };
    const object = json(result);
    expect(Object.keys(object)).toEqual(['machine', 'commit', 'cases']);
    for (const one of object.cases) {
      expect(Object.keys(one)).toEqual(['id', 'peer', 'unit', 'min', 'median', 'max', 'goal', 'better', 'met']);
    }
    expect(JSON.parse(JSON.stringify(object))).toEqual(object);
    const text = markdown(result);
    expect(text).toContain('| `fast` | ours / theirs | ratio | cpu | 0.400 / **0.400** / 0.400 | <= 0.500 | yes |');
    expect(text).toContain('| `gone` |  | ms |  | n/a | <= 1 | n/a | there is none |');
    expect(text).toContain('2 of 3 goals met.');
  });
});
