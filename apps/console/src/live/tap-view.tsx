import { useEffect, useRef, useState } from 'react';
import { useStore } from '../store';
import { t } from '../strings';
import { say } from '../toasts';
import { Icon } from '../ui/icon';
import { JsonTree } from '../ui/json-tree';
import type { Edge, Run } from './live';
import { count } from './look';
import { time } from './events-list';
import { pinKey, pins, togglePin } from './pins';
import { givenOf, isCut, mediaOf, tap, TAP_PACKETS, type SeenPacket, type TapState } from './tap';

const RATES = [1, 5, 25];

/** Packets of an edge as they pass: looked at, pinned, exported as the input of a test. */
export function TapView({ run, edge }: { readonly run: Run; readonly edge: Edge }) {
  const [state, setState] = useState<TapState>({ state: 'open', packets: [], seen: 0 });
  const [hz, setHz] = useState(5);
  const key = pinKey(run.graph, edge.from);
  const pinned = useStore(pins).get(key) ?? [];
  const [turn, setTurn] = useState(0);
  const running = useRef<AbortController>(undefined);
  useEffect(() => {
    const control = new AbortController();
    running.current = control;
    setState((before) => ({ state: 'open', packets: before.packets, seen: before.seen }));
    // What a tap that was replaced still says is not about this one.
    void tap({
      run: run.id,
      edge: edge.id,
      hz,
      signal: control.signal,
      onState: (change) => running.current === control && setState(change),
    });
    return () => {
      running.current = undefined;
      control.abort();
    };
  }, [run.id, edge.id, hz, turn]);
  const open = state.state === 'open';
  const isPinned = (packet: SeenPacket): boolean => pinned.some(({ packet_id }) => packet_id === packet.packet_id);
  const chosen = pinned.length > 0 ? pinned : state.packets;
  const whole = chosen.filter(({ payload }) => !isCut(payload));
  const save = (): void => {
    download(`${edge.from.replaceAll(/[^\w.-]/g, '-')}.given.yaml`, givenOf(edge, whole));
    say(
      whole.length === chosen.length
        ? t('tap.exported', { n: whole.length })
        : t('tap.exported_some', { n: whole.length, left: chosen.length - whole.length }),
    );
  };
  return (
    <div className="tap">
      <div className="tap-bar">
        <button onClick={() => (open ? running.current?.abort() : setTurn((n) => n + 1))}>
          <Icon name={open ? 'pause' : 'play'} />
          {open ? t('tap.pause') : t('tap.resume')}
        </button>
        <select aria-label={t('tap.rate')} value={hz} onChange={(event) => setHz(Number(event.target.value))}>
          {RATES.map((value) => (
            <option key={value} value={value}>
              {t('tap.hz', { n: value })}
            </option>
          ))}
        </select>
        <button onClick={save} disabled={whole.length === 0} title={whole.length === 0 && chosen.length > 0 ? t('tap.cut') : undefined}>
          <Icon name="download" />
          {pinned.length > 0 ? t('tap.export_pinned', { n: pinned.length }) : t('tap.export')}
        </button>
      </div>
      <p className="soft small" role="status">
        {state.state === 'failed' ? state.fault : t(`tap.state.${state.state}`, { seen: count(state.seen), max: TAP_PACKETS })}
        {whole.length === 0 && chosen.length > 0 && ` ${t('tap.cut')}`}
      </p>
      {[...pinned, ...state.packets.filter((packet) => !isPinned(packet))].map((packet) => (
        <Packet key={packet.packet_id} packet={packet} pinned={isPinned(packet)} onPin={() => togglePin(key, packet)} />
      ))}
    </div>
  );
}

function Packet({ packet, pinned, onPin }: { packet: SeenPacket; pinned: boolean; onPin: () => void }) {
  const [open, setOpen] = useState(false);
  const media = mediaOf(packet.payload);
  const { payload, ...head } = packet;
  return (
    <article className={`packet${pinned ? ' pinned' : ''}`}>
      <header>
        <button className="packet-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'down' : 'right'} size={12} />
          <time dateTime={packet.ts}>{time(packet.ts)}</time>
          <b>{packet.kind}</b>
          <span className="mono">{packet.packet_id}</span>
        </button>
        <button
          className="icon-button"
          aria-pressed={pinned}
          aria-label={t(pinned ? 'tap.unpin' : 'tap.pin', { id: packet.packet_id })}
          onClick={onPin}
        >
          <Icon name="pin" />
        </button>
      </header>
      {media.map(({ kind, url, path }) =>
        kind === 'image' ? (
          <img key={path} src={url} alt={t('tap.image', { path })} />
        ) : (
          <audio key={path} src={url} controls aria-label={path} />
        ),
      )}
      {open && (
        <>
          <JsonTree value={payload} name="payload" open={2} />
          <JsonTree value={head} name="header" open={0} />
        </>
      )}
    </article>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
