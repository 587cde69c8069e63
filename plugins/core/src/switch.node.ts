import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn } from 'class-validator';
import { Any, Doc, Nested, Node, port, SluiceError, to, type Context, type Packet, type To } from '@sluice/sdk';
import { Condition } from './condition';
import { routes, type Route } from './routes';

const CASES = ['case_1', 'case_2', 'case_3', 'case_4', 'case_5', 'case_6', 'case_7', 'case_8'] as const;
const PORTS = [...CASES, 'otherwise'] as const;
type PortName = (typeof PORTS)[number];

export class SwitchRule {
  @IsArray() @ArrayMinSize(1) @Nested(() => Condition, { each: true }) @Doc('All of these must hold.') when!: Condition[];
  @IsIn(PORTS) @Doc('Output for packets that this rule fits.') to!: PortName;
}

export class SwitchConfig {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(64)
  @Nested(() => SwitchRule, { each: true })
  @Doc('Rules, looked at in this order. Several may lead to one output.')
  rules!: SwitchRule[];
  @IsIn(['first_match', 'all_matches'])
  @Doc('`first_match`: the first rule that fits decides; `all_matches`: the packet goes to the output of each that fits, once.')
  match: 'first_match' | 'all_matches' = 'first_match';
  @IsIn(['fail', ...PORTS])
  @Doc('What becomes of a packet that no rule fits: `fail`, which is an error of this node, or the output that takes it.')
  no_match!: 'fail' | PortName;
  @IsBoolean() @Doc('For finding out why: `meta.switch` of what goes on has the numbers of the rules that fitted and the outputs.') trace =
    false;
}

const one = (n: number) => port(Any, `What rules send to case_${n}.`, { optional: true });

@Node({
  type: 'core/switch',
  kind: 'transform',
  summary: 'Sends each packet where rules say: to the first that fits, or to all that fit.',
  doc:
    'Where a packet goes depends on the packet and the rules alone. An output that nobody reads discards and counts. Counters `rule_1`, ' +
    '`rule_2` ... say how often each rule fitted (with `first_match`: decided), `no_match` how often none did. With `no_match: fail` such a ' +
    'packet is the error SWITCH_NO_MATCH: it goes out by the `error` port, where that is connected, and is not tried again.',
  config: SwitchConfig,
  in: { in: port(Any, 'Anything.') },
  out: {
    case_1: one(1),
    case_2: one(2),
    case_3: one(3),
    case_4: one(4),
    case_5: one(5),
    case_6: one(6),
    case_7: one(7),
    case_8: one(8),
    otherwise: port(Any, 'What is sent to otherwise, such as what no rule fits.', { optional: true }),
  },
  examples: [
    {
      title: 'By severity; the rest is let go',
      config: {
        rules: [
          { when: [{ path: 'payload.severity', op: 'in', value: ['HIGH', 'CRITICAL'] }], to: 'case_1' },
          { when: [{ path: 'payload.severity', value: 'MEDIUM' }], to: 'case_2' },
        ],
        no_match: 'otherwise',
      },
    },
    {
      title: 'To everybody whom it concerns; a packet that concerns nobody is an error',
      config: {
        rules: [
          { when: [{ path: 'kind', value: 'order' }], to: 'case_1' },
          {
            when: [
              { path: 'kind', value: 'order' },
              { path: 'payload.total', op: 'ge', value: 1000 },
            ],
            to: 'case_2',
          },
        ],
        match: 'all_matches',
        no_match: 'fail',
      },
    },
  ],
})
export class SwitchNode {
  private readonly routeOf: (packet: Packet) => Route<PortName>;

  constructor(private readonly config: SwitchConfig) {
    const { rules, match, no_match } = config;
    this.routeOf = routes(rules, match, no_match === 'fail' ? undefined : no_match);
  }

  process(packet: Packet, ctx: Context): To<PortName, Packet> | Generator<To<PortName, Packet>, void> {
    const route = this.routeOf(packet);
    for (const rule of route.rules) ctx.count(`rule_${rule}`);
    if (route.rules.length === 0) ctx.count('no_match');
    const [first, ...more] = route.to;
    if (first === undefined) {
      throw new SluiceError('SWITCH_NO_MATCH', `None of the ${this.config.rules.length} rules fits the packet ${packet.id}.`, {
        retryable: false,
        hint: 'Add a rule for it, or say in `no_match` which output takes the rest.',
      });
    }
    const { trace } = this.config;
    // Each output gets a packet of its own where it is not the very packet that came.
    const sent = () => (trace ? packet.with(packet.payload, { ...packet.meta, switch: route }) : packet);
    return more.length === 0 ? to(first, sent()) : all(route.to, sent);
  }
}

function* all(ports: readonly PortName[], sent: () => Packet): Generator<To<PortName, Packet>, void> {
  for (const name of ports) yield to(name, sent());
}
