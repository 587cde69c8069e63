import type { JoinPolicy } from '@sluice/graph';
import { field, SluiceError, type Context } from '@sluice/sdk';
import { combine, type Packet } from '@sluice/sdk/packet';
import { Observable, type Subscriber } from 'rxjs';
import { settle, SourceDelivery } from './delivery';

/** Packets that belong together, one for each input. */
interface Group {
  readonly key: unknown;
  readonly packets: Map<string, Packet>;
  /** It has fired; what still comes is late. */
  fired: boolean;
  readonly stop: (() => void)[];
}

/**
 * Waits for packets of several inputs that belong together and makes one of them; its payload has a field for each
 * input. Without `by`, packets belong together that come from the same source packet; a branch that gave nothing for it
 * says so by being done, so `all` never waits for what cannot come.
 */
export function joined(
  policy: JoinPolicy,
  ports: readonly string[],
  ctx: Context,
  after: (ms: number, fn: () => void) => () => void,
  fail: (packet: Packet, error: SluiceError) => void,
): (input: Observable<Packet>) => Observable<Packet> {
  const keyOf = policy.by === undefined ? (packet: Packet): unknown => packet.origin.delivery ?? packet.origin : field(policy.by);
  const enough = policy.on === 'all' ? ports.length : policy.on === 'quorum' ? (policy.n ?? ports.length) : 1;

  return (input) =>
    new Observable<Packet>((out) => {
      const groups = new Map<unknown, Group>();
      const forget = (group: Group): void => {
        for (const stop of group.stop) stop();
        groups.delete(group.key);
      };
      const late = (group: Group, why: string, comes = false): void => {
        // One that fires may end another that was about to be looked at.
        if (groups.get(group.key) !== group) return;
        if (group.fired) return comes ? undefined : forget(group);
        // While more of it can come the group stands, so that what comes is late and does not begin another.
        if (comes) {
          group.fired = true;
          group.stop.shift()?.();
        } else forget(group);
        if (policy.late === 'fire') return fire(group, out);
        ctx.count(`join_${policy.late === 'error' ? 'failed' : 'evicted'}_total`);
        const missing = ports.filter((port) => !group.packets.has(port)).join(', ');
        for (const packet of group.packets.values()) {
          if (policy.late === 'evict') settle(packet, 'acked');
          else
            fail(
              packet,
              new SluiceError('JOIN_INCOMPLETE', `It waited for ${missing}, but ${why}.`, {
                hint: 'Say `late: fire` or `evict` where that may happen.',
              }),
            );
        }
      };
      const begin = (key: unknown): Group => {
        if (groups.size >= policy.max_held) {
          const [oldest] = groups.values();
          late(oldest!, `more than ${policy.max_held} were held`);
        }
        const group: Group = { key, packets: new Map(), fired: false, stop: [] };
        groups.set(key, group);
        if (policy.timeout_ms !== undefined)
          group.stop.push(
            after(policy.timeout_ms, () =>
              late(group, `nothing came within ${policy.timeout_ms} ms`, policy.by === undefined && key instanceof SourceDelivery),
            ),
          );
        return group;
      };
      const arrive = (packet: Packet): void => {
        if (policy.on === 'any') return out.next(asOne([packet], new Map([[packet.port, packet]])));
        const key = keyOf(packet);
        const group = groups.get(key) ?? begin(key);
        if (group.fired) {
          settle(packet, 'acked');
          ctx.count('join_late_total');
        } else {
          const before = group.packets.get(packet.port);
          if (before !== undefined) settle(before, 'acked');
          group.packets.set(packet.port, packet);
          if (group.packets.size >= enough) {
            group.fired = true;
            fire(group, out);
          }
        }
        const { delivery } = packet.origin;
        if (!(delivery instanceof SourceDelivery) || policy.by !== undefined) {
          if (group.fired) forget(group);
          return;
        }
        // What is not done and not held here is still on its way; when there is none, nothing more can come.
        const held = (): number => (group.fired ? 0 : group.packets.size);
        const look = (): void => {
          if (delivery.pending <= held() && groups.get(key) === group) late(group, 'its branch gave nothing');
        };
        if (group.stop.length < 1 || group.packets.size === 1) group.stop.push(delivery.watch(look));
        look();
      };
      const subscription = input.subscribe({
        next: arrive,
        error: (error: unknown) => out.error(error),
        complete: () => {
          for (const group of [...groups.values()]) late(group, 'the stream ended');
          out.complete();
        },
      });
      return () => {
        subscription.unsubscribe();
        for (const group of [...groups.values()]) {
          forget(group);
          if (!group.fired) for (const packet of group.packets.values()) settle(packet, 'cancelled');
        }
      };
    });
}

function fire(group: Group, out: Subscriber<Packet>): void {
  out.next(asOne([...group.packets.values()], group.packets));
}

function asOne(packets: readonly Packet[], byPort: ReadonlyMap<string, Packet>): Packet {
  const payload = Object.fromEntries([...byPort].map(([port, packet]) => [port, packet.payload]));
  return combine(packets as [Packet, ...Packet[]], payload, 'joined');
}
