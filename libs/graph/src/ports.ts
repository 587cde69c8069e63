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

/** The nodes of one graph file with their ports: finds them, knows who uses them, says what does not fit. */
export class Ports {
  /** Nodes that a fault hides something about. */
  readonly blurred = new Set<string>();
  private readonly members = new Map<string, Member>();
  /** `node.port` of inputs, with the number of edges. */
  private readonly fed = new Map<string, number>();
  private readonly drained = new Set<string>();

  constructor(
    private readonly source: Source,
    private readonly world: World,
  ) {}

  add(member: Member): void {
    this.members.set(member.id, member);
  }

  /** An edge, an input or an output of the graph uses this port. */
  use(node: string, port: string, side: 'in' | 'out'): void {
    const key = `${node}.${port}`;
    if (side === 'in') this.fed.set(key, (this.fed.get(key) ?? 0) + 1);
    else this.drained.add(key);
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
    const fitting = names.length === 1 ? names : names.filter((one) => ports[one]!.type === otherType);
    const name = wanted ?? (fitting.length === 1 ? fitting[0] : undefined);
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
    const detail = { node: b.node, token: text };
    if (!portTypeFits(a.port.type, b.port.type)) {
      const via = this.world.between(a.port.type, b.port.type);
      const hint = via.length > 0 ? `Put ${via.join(' or ')} between: it turns ${a.port.type} into ${b.port.type}.` : undefined;
      source.say('PORT_TYPE_MISMATCH', path, `${left} gives ${a.port.type}, but ${right} takes ${b.port.type}.`, { ...detail, hint });
      return;
    }
    // What passes an `any` port is known only when it passes.
    if (a.port.type === ANY_TYPE) return;
    if (b.port.type !== ANY_TYPE && !profileFits(a.port.profile, b.port.profile)) {
      const message = `${left} gives ${a.port.profile}, but ${right} takes ${b.port.profile}.`;
      source.say('PORT_PROFILE_MISMATCH', path, message, { ...detail, hint: this.portableHint(a.port.type) });
    } else if (options.durable !== undefined && a.port.profile === 'inproc_any') {
      const message = `${left} gives ${a.port.type}, which cannot be stored, over a durable edge.`;
      source.say('EDGE_DURABLE_PAYLOAD', path, message, { ...detail, hint: this.portableHint(a.port.type) });
    }
  }

  private portableHint(type: string): string | undefined {
    const names = this.world.portable(type);
    return names.length > 0 ? `Put ${names.join(' or ')} between: it turns the payload into a reference.` : undefined;
  }

  /** Ports that lack an edge, and joins that have too few. */
  lint(): void {
    const { source } = this;
    for (const { id, entry, policies } of this.members.values()) {
      if (entry === undefined) continue;
      const path: Path = ['nodes', id];
      let edges = 0;
      for (const [name, port] of Object.entries(entry.in)) {
        const count = this.fed.get(`${id}.${name}`) ?? 0;
        edges += count;
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
      if (edges < 2)
        source.say('NODE_JOIN_ONE_INPUT', [...path, 'join'], `\`${id}\` has a join but ${edges === 1 ? 'one edge' : 'no edge'} into it.`, {
          node: id,
          atKey: true,
        });
      else if ((join.n ?? 0) > edges)
        source.say('NODE_JOIN_QUORUM', [...path, 'join', 'n'], `The join of \`${id}\` waits for ${join.n} inputs, but it has ${edges}.`, {
          node: id,
        });
    }
  }
}
