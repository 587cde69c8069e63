import { GOOD, LOAD, place } from '../test/place';

// Processes are real, and the machine may be busy.
jest.setTimeout(60_000);

const here = place({
  'graphs/good.yaml': GOOD,
  'graphs/load.yaml': LOAD,
});

describe('plan, draw, nodes, schema', () => {
  it('print data on stdout', async () => {
    const [hash, shown, drawn, node, schema, chain, waits, explained] = await here.insideAll(
      ['plan', 'hash', 'graphs/good.yaml', '--set', 'n=4'],
      ['plan', 'show', 'graphs/good.yaml', '--explain', '--json', '--set', 'n=4'],
      ['draw', 'graphs/good.yaml', '--format', 'dot'],
      ['nodes', 'show', 'core/values', '--json'],
      ['schema'],
      ['plan', 'show', 'graphs/good.yaml', '--chain'],
      ['plan', 'show', 'graphs/load.yaml', '--chain', '--json'],
      ['plan', 'show', 'graphs/good.yaml', '--explain', '--set', 'n=4'],
    );
    const { plan, params } = JSON.parse(shown.out);
    expect(hash.out).toBe(`${plan.hash}\n`);
    expect([plan.nodes[0].config.repeat, params.n]).toEqual([4, expect.objectContaining({ value: 4, layer: 'flag' })]);
    expect(drawn.out).toMatch(/^digraph/);
    expect(chain.out).toContain('\nchain\n  source(numbers)\n  direct(numbers.out->end.in) | segment(end)\n');
    expect(JSON.parse(waits.out).chain).toContain('edge(many.out->end.in, block 64) | segment(end)');
    expect(explained.out).toMatch(/\n {2}params\.n +flag +4\n/);
    expect(JSON.parse(node.out).node.config.properties.items).toBeDefined();
    expect(JSON.parse(schema.out)).toMatchObject({ type: 'object' });
  });
});
