import { ANY_TYPE, portTypeFits, profileFits, type NodeEntry, type PortEntry } from '@sluice/sdk/catalogue';
import type { EdgeOptions, WrittenEnd } from './edges';
import type { Level } from './level';
import { nearest } from './nearest';
import type { Endpoint, NodePolicies } from './plan';
import { meant, type Path, type Source } from './source';
import type { World } from './world';

/** A node as this file sees it. */
export interface Member {
  readonly id: string;
  /** Undefined where its type is not known. */
  readonly entry: NodeEntry | undefined;
  readonly policies: NodePolicies;
  readonly sub: Level | undefined;
}

/** A port that an edge names. */
export interface FoundPort {
  readonly node: string;
  readonly name: string;
  readonly port: PortEntry;
  /** Where it is in the plan: of a sub-graph, inside of it. */
  readonly at: readonly Endpoint[];
}

/** What the runtime sends to the `error` port that every node has. */
export const ERROR_PORT: PortEntry = Object.freeze({
  type: 'sluice/error@1',
  profile: 'json_portable',
  doc: 'What the node failed on, and why.',
  optional: true,
});

/** The port that an end means: the one that it names, the only one, or else the only one of the type at the other end. */
export function portMeant(ports: Readonly<Record<string, PortEntry>>, wanted: string | undefined, otherType?: string): string | undefined {
  const names = Object.keys(ports);
  const fitting = names.length === 1 ? names : names.filter((one) => ports[one]!.type === otherType);
  return wanted ?? (fitting.length === 1 ? fitting[0] : undefined);
}

/** Why what one port gives does not fit another; the text is said of `left` and `right`. */
export function portFault(
  a: PortEntry,
  b: PortEntry,
  [left, right]: readonly [string, string],
  durable = false,
): { readonly code: 'PORT_TYPE_MISMATCH' | 'PORT_PROFILE_MISMATCH' | 'EDGE_DURABLE_PAYLOAD'; readonly message: string } | undefined {
  if (!portTypeFits(a.type, b.type))
    return { code: 'PORT_TYPE_MISMATCH', message: `${left} gives ${a.type}, but ${right} takes ${b.type}.` };
  // What passes an `any` port is known only when it passes.
  if (a.type === ANY_TYPE) return undefined;
  if (b.type !== ANY_TYPE && !profileFits(a.profile, b.profile))
    return { code: 'PORT_PROFILE_MISMATCH', message: `${left} gives ${a.profile}, but ${right} takes ${b.profile}.` };
  if (durable && a.profile === 'inproc_any')
    return { code: 'EDGE_DURABLE_PAYLOAD', message: `${left} gives ${a.type}, which cannot be stored, over a durable edge.` };
  return undefined;
}

/** The nodes of one graph file with their ports: finds them, knows who uses them, says what does not fit. */
export class Ports {
  /** Nodes that a fault hides something about. */
  readonly blurred = new Set<string>();
  private readonly members = new Map<string, Member>();
  /** `node.port` of inputs, with the number of edges. */
  private readonly fed = new Map<string, number>();
  /** Inputs that make the node fire, by node: these are what a join joins; edges into one input are one to it. */
  private readonly triggers = new Map<string, Set<string>>();
  private readonly drained = new Set<string>();

  constructor(
    private readonly source: Source,
    private readonly world: World,
  ) {}

  add(member: Member): void {
    this.members.set(member.id, member);
  }

  /** An edge, an input or an output of the graph uses this port. */
  use(node: string, port: string, side: 'in' | 'out', trigger = true): void {
    const key = `${node}.${port}`;
    if (side === 'out') this.drained.add(key);
    else {
      this.fed.set(key, (this.fed.get(key) ?? 0) + 1);
      if (trigger) this.triggers.set(node, (this.triggers.get(node) ?? new Set()).add(port));
    }
  }

  /** The type of the port that an end means, where that is plain without the other end. */
  typeOf({ node, port }: WrittenEnd, side: 'in' | 'out'): string | undefined {
    const ports = Object.entries(this.members.get(node)?.entry?.[side] ?? {});
    return ports.find(([name]) => (port === undefined ? ports.length === 1 : name === port))?.[1].type;
  }

  /**
   * Finds node and port; says what is wrong and gives undefined where there is none.
   * A port that is left out is the only one, or else the only one of the type at the other end.
   */
  find({ node, port: wanted }: WrittenEnd, side: 'in' | 'out', path: Path, text: string, otherType?: string): FoundPort | undefined {
    const { source } = this;
    const member = this.members.get(node);
    const inText = { token: text, ...(side === 'in' ? { after: '->' } : {}) };
    if (member === undefined) {
      source.say('EDGE_UNKNOWN_NODE', path, `There is no node \`${node}\`.`, {
        ...inText,
        token: node,
        hint: meant(nearest(node, this.members.keys())),
      });
      return undefined;
    }
    const { entry } = member;
    if (entry === undefined) return undefined;
    const ports = entry[side];
    const names = Object.keys(ports);
    if (side === 'out' && wanted === 'error' && !Object.hasOwn(ports, 'error') && member.sub === undefined) {
      return { node, name: 'error', port: ERROR_PORT, at: [{ node, port: 'error' }] };
    }
    if (names.length === 0) {
      const into = side === 'in';
      source.say(
        into ? 'EDGE_INTO_SOURCE' : 'EDGE_OUT_OF_SINK',
        path,
        into ? `\`${node}\` is a source (${entry.type}): nothing goes in.` : `\`${node}\` is a sink (${entry.type}): nothing comes out.`,
        { ...inText, node },
      );
      return undefined;
    }
    const name = portMeant(ports, wanted, otherType);
    const word = side === 'in' ? 'inputs' : 'outputs';
    if (name === undefined) {
      source.say('PORT_AMBIGUOUS', path, `\`${node}\` has several ${word}: ${names.join(', ')}.`, {
        ...inText,
        node,
        hint: `Name one: ${names.map((one) => `${node}.${one}`).join(' or ')}.`,
      });
      return undefined;
    }
    if (!Object.hasOwn(ports, name)) {
      const close = nearest(name, names);
      const list = `${node} (${entry.type}) has the ${word} ${names.join(', ')}.`;
      source.say('PORT_UNKNOWN', path, `\`${node}\` has no ${word.slice(0, -1)} \`${name}\`.`, {
        ...inText,
        node,
        hint: close === undefined ? list : `${meant(close)} ${list}`,
      });
      return undefined;
    }
    const inner =
      member.sub === undefined ? undefined : member.sub[side === 'in' ? 'inputs' : 'outputs'].find((port) => port.name === name);
    const at = inner === undefined ? [{ node, port: name }] : inner.at.map((end) => ({ node: `${node}/${end.node}`, port: end.port }));
    return { node, name, port: ports[name]!, at };
  }

  /** A faulty end of an edge: no port of the node is called unconnected or unread for it. */
  blur({ node }: WrittenEnd, side: 'in' | 'out'): void {
    const member = this.members.get(node);
    if (member?.entry === undefined) return;
    for (const name of Object.keys(member.entry[side])) this.use(node, name, side);
    if (side === 'in') this.blurNode(node);
  }

  /** Nothing is concluded from an edge that this node, or one inside of it, lacks. */
  blurNode(id: string): void {
    this.blurred.add(id);
    for (const { node } of this.members.get(id)?.sub?.nodes ?? []) this.blurred.add(`${id}/${node.id}`);
  }

  /** Says where the payload of `a` does not fit `b`. */
  join(a: FoundPort, b: FoundPort, options: EdgeOptions, path: Path, text: string): void {
    const { source } = this;
    const left = `${a.node}.${a.name}`;
    const right = `${b.node}.${b.name}`;
    const fault = portFault(a.port, b.port, [left, right], options.durable !== undefined);
    if (fault === undefined) return;
    const via = fault.code === 'PORT_TYPE_MISMATCH' ? this.world.between(a.port.type, b.port.type) : undefined;
    const between = via?.length ? `Put ${via.join(' or ')} between: it turns ${a.port.type} into ${b.port.type}.` : undefined;
    const hint = via === undefined ? this.portableHint(a.port.type) : between;
    source.say(fault.code, path, fault.message, { node: b.node, token: text, hint });
  }

  private portableHint(type: string): string | undefined {
    const names = this.world.portable(type);
    return names.length > 0 ? `Put ${names.join(' or ')} between: it turns the payload into a reference.` : undefined;
  }

  /** Ports that lack an edge, and joins that have too few inputs. */
  lint(): void {
    const { source } = this;
    for (const { id, entry, policies } of this.members.values()) {
      if (entry === undefined) continue;
      const path: Path = ['nodes', id];
      for (const [name, port] of Object.entries(entry.in)) {
        const count = this.fed.get(`${id}.${name}`) ?? 0;
        if (count > 0 || port.optional === true) continue;
        source.say('PORT_UNCONNECTED', path, `Nothing goes into ${id}.${name} (${port.type}).`, { node: id, atKey: true });
        this.blurNode(id);
      }
      for (const [name, port] of Object.entries(entry.out)) {
        if (port.optional !== true && !this.drained.has(`${id}.${name}`))
          source.say('PORT_UNREAD', path, `Nobody reads ${id}.${name} (${port.type}).`, { node: id, atKey: true });
      }
      const { join } = policies;
      if (join === undefined || this.blurred.has(id)) continue;
      const inputs = this.triggers.get(id) ?? new Set();
      if (inputs.size < 2) {
        const [only] = inputs;
        const message =
          only === undefined
            ? `\`${id}\` has a join, but no edge makes it fire.`
            : `\`${id}\` has a join, but edges into one input only: ${only}. A join takes one packet of each input.`;
        source.say('NODE_JOIN_ONE_INPUT', [...path, 'join'], message, { node: id, atKey: true });
      } else if ((join.n ?? 0) > inputs.size)
        source.say(
          'NODE_JOIN_QUORUM',
          [...path, 'join', 'n'],
          `The join of \`${id}\` waits for ${join.n} inputs, but ${inputs.size} have an edge.`,
          { node: id },
        );
    }
  }
}
