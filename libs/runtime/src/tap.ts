import type { Packet } from '@sluice/sdk';
import { Observable } from 'rxjs';
import type { Clock } from './clock';
import { settle } from './delivery';
import type { Outlet } from './stage';

/** A reader of a tap sees at most this many packets per second. */
const TAP_HZ = 25;

/**
 * The newest packets of a port, as they pass, a bounded number per second. Looks on: takes no credit and slows nothing.
 * A packet that waits to be shown is held, so that what it refers to is still there when it is.
 */
export function tapOf(outlet: Outlet, clock: Clock): Observable<Packet> {
  return new Observable((out) => {
    let newest: Packet | undefined;
    let cancel: (() => void) | undefined;
    const show = (): void => {
      cancel = undefined;
      const packet = newest;
      newest = undefined;
      if (packet === undefined) return;
      out.next(packet);
      settle(packet, 'acked');
      cancel = clock.after(1000 / TAP_HZ, show);
    };
    if (outlet.over) return out.complete();
    const tap = (packet: Packet | undefined): void => {
      if (packet === undefined) {
        cancel?.();
        show();
        return out.complete();
      }
      packet.origin.delivery?.hold(1);
      if (newest !== undefined) settle(newest, 'acked');
      newest = packet;
      cancel ??= clock.after(0, show);
    };
    outlet.taps = [...(outlet.taps ?? []), tap];
    return () => {
      cancel?.();
      if (newest !== undefined) settle(newest, 'acked');
      const left = outlet.taps?.filter((other) => other !== tap) ?? [];
      outlet.taps = left.length > 0 ? left : undefined;
    };
  });
}
