import { SluiceError, type Packet } from '@sluice/sdk';
import type { Run } from '@sluice/runtime';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps';
import { viewOf } from '../live/packet-view';
import { described, named, shape, text, told } from '../schemas';

/** Packets that one tap shows; then it ends, so that one that was forgotten costs nothing. */
const MAX_PACKETS = 10_000;

interface Asked {
  readonly node?: string;
  readonly port?: string;
  readonly edge?: string;
  readonly hz: number;
  readonly limit: number;
}

/** `/api/v1/runs/:id/tap`: packets of an output as they pass, sampled. */
export function tapRoutes(app: FastifyInstance, { runs, streams, redact }: Deps): void {
  app.get<{ Params: { id: string }; Querystring: Asked }>(
    '/api/v1/runs/:id/tap',
    {
      schema: described('taps', 'tap', 'Packets of an output as they pass, as server-sent events.', {
        description:
          'Looks on: it takes no credit and slows nothing. Messages: `packet` (`{ packet, seen, shown }`, the newest of its moment), `end` when the output ends ' +
          'or the limit is reached. Payloads are bounded: `$more`, `$cut` and `$bytes` stand where something is left out; pictures and sounds come as base64.',
        params: named('id'),
        query: shape({
          'node?': text,
          'port?': told(text, 'May be left out where the node has one output.'),
          'edge?': told(text, 'Id of an edge, in place of node and port.'),
          'hz?': told({ type: 'number', minimum: 0.1, maximum: 25, default: 5 }, 'Packets a second at most.'),
          'limit?': told({ type: 'integer', minimum: 1, maximum: MAX_PACKETS, default: 1000 }, 'Packets until it ends by itself.'),
        }),
        produces: 'text/event-stream',
      }),
    },
    (request, reply) => {
      const run = runs.need(request.params.id);
      const { hz, limit } = request.query;
      const { node, port } = outputOf(run, request.query);
      const packets = run.tap(node, port);
      const raw = streams.open(reply, 'text/event-stream; charset=utf-8');
      raw.write(`retry: 1000\nevent: open\ndata: ${JSON.stringify({ run: run.id, node, port })}\n\n`);
      let behind = false;
      let seen = 0;
      let shown = 0;
      let next = 0;
      raw.on('drain', () => (behind = false));
      const over = (): void => {
        raw.end(`event: end\ndata: ${JSON.stringify({ seen, shown })}\n\n`);
      };
      const tap = packets.subscribe({ next: show, complete: over, error: over });
      raw.once('close', () => tap.unsubscribe());
      return reply;

      function show(packet: Packet): void {
        seen++;
        const now = performance.now();
        if (behind || raw.destroyed || now < next) return;
        next = now + 1000 / hz;
        shown++;
        behind = !raw.write(`event: packet\ndata: ${redact(JSON.stringify({ packet: viewOf(packet), seen, shown }))}\n\n`);
        if (shown >= limit) {
          // Not while it is given to us.
          queueMicrotask(() => tap.unsubscribe());
          over();
        }
      }
    },
  );
}

/** @throws SluiceError PORT_UNKNOWN, EDGE_UNKNOWN */
function outputOf(run: Run, { node, port, edge }: Asked): { node: string; port: string } {
  if (edge !== undefined) {
    const found = run.plan.edges.find(({ id }) => id === edge);
    if (found !== undefined) return found.from;
    throw new SluiceError('EDGE_UNKNOWN', `${run.id} has no edge ${JSON.stringify(edge)}.`, {
      hint: `It has ${run.plan.edges
        .slice(0, 5)
        .map(({ id }) => id)
        .join(', ')}.`,
    });
  }
  const found = run.plan.nodes.find(({ id }) => id === node);
  const ports = Object.keys(found?.out ?? {});
  const only = port ?? (ports.length === 1 ? ports[0] : undefined);
  if (found !== undefined && only !== undefined && (ports.includes(only) || only === 'error')) return { node: found.id, port: only };
  throw new SluiceError('PORT_UNKNOWN', `${run.id} has no output ${node ?? '?'}.${port ?? '?'}.`, {
    hint:
      found === undefined
        ? `Its nodes are ${run.plan.nodes
            .slice(0, 8)
            .map(({ id }) => id)
            .join(', ')}.`
        : ports.length === 0
          ? `${found.id} is a sink: tap what goes into it.`
          : `${found.id} has ${ports.join(', ')}.`,
  });
}
