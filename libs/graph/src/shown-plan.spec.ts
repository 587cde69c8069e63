import type { Plan } from './plan';
import { shownPlan } from './shown-plan';

const plan = (config: object, secrets: readonly string[] = []) =>
  ({ name: 'g', nodes: [{ id: 'a', type: 't/a', config, policies: {} }], edges: [], secrets }) as unknown as Plan;
const shown = (config: object, secrets?: readonly string[]) => shownPlan(plan(config, secrets)).nodes[0]!.config;

test.each([
  ['rtsp://ann:pa55@cam:554/live?token=t0ken', 'rtsp://cam:554/live?***'],
  ['https://ann@example.org/x', 'https://example.org/x'],
  ['http://u:p@ss@example.org', 'http://example.org'],
  ['http://example.org/a?b=c#d', 'http://example.org/a?***#d'],
  ['http://example.org/users/@ann', 'http://example.org/users/@ann'],
  ['ann@example.org', 'ann@example.org'],
  ['what? is://no address', 'what? is://no address'],
])('%s is shown as %s', (text, expected) => {
  expect(shown({ url: text, deep: [{ url: text }] })).toEqual({ url: expected, deep: [{ url: expected }] });
});

test('what is secret is hidden, the plan itself stays as it is', () => {
  const whole = plan({ headers: { 'x.y': 'secret' }, open: 1 }, ['nodes.a.config.headers']);
  expect(shownPlan(whole).nodes[0]!.config).toEqual({ headers: '***', open: 1 });
  expect(whole.nodes[0]!.config).toEqual({ headers: { 'x.y': 'secret' }, open: 1 });
  expect(shown({ headers: { 'x.y': 'secret', z: 1 } }, ['nodes.a.config.headers.x.y'])).toEqual({ headers: { 'x.y': '***', z: 1 } });
});
