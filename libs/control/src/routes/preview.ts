import { SluiceError } from '@sluice/sdk';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Deps } from '../deps';
import type { Preview, Runs } from '../runs';
import { described, named } from '../schemas';
import type { Streams } from '../streams';

const BOUNDARY = 'sluice-frame';

/** `/preview.jpg`, `/preview.mjpeg` and the picture of any output of the type Image. */
export function previewRoutes(app: FastifyInstance, { runs, streams }: Deps): void {
  const params = named('id', 'node', 'port');
  app.get(
    '/preview.jpg',
    {
      schema: described('previews', 'firstPicture', 'The newest picture of the first output that gives some.', { produces: 'image/jpeg' }),
    },
    (_request, reply) => picture(reply, firstPreview(runs)),
  );
  app.get(
    '/preview.mjpeg',
    { schema: described('previews', 'firstFilm', 'The same as a film.', { produces: 'multipart/x-mixed-replace' }) },
    (_request, reply) => film(reply, runs, streams, firstPreview(runs)),
  );
  app.get<{ Params: Where }>(
    '/api/v1/runs/:id/nodes/:node/:port.jpg',
    { schema: described('previews', 'getPicture', 'The newest picture of an output.', { params, produces: 'image/jpeg' }) },
    (request, reply) => picture(reply, thePreview(runs, request.params)),
  );
  app.get<{ Params: Where }>(
    '/api/v1/runs/:id/nodes/:node/:port.mjpeg',
    {
      schema: described('previews', 'getFilm', 'The pictures of an output as they come.', {
        params,
        produces: 'multipart/x-mixed-replace',
      }),
    },
    (request, reply) => film(reply, runs, streams, thePreview(runs, request.params)),
  );
}

interface Where {
  readonly id: string;
  readonly node: string;
  readonly port: string;
}

/** Path of the newest picture of an output. */
export function pictureUrl(run: string, node: string, port: string): string {
  return `/api/v1/runs/${encodeURIComponent(run)}/nodes/${encodeURIComponent(node)}/${encodeURIComponent(port)}.jpg`;
}

function firstPreview(runs: Runs): Preview {
  const preview = runs.firstPreview();
  if (preview !== undefined) return preview;
  if (runs.phase === 'starting') throw pending();
  throw new SluiceError('PREVIEW_NOT_FOUND', 'No output of the running graph is a picture.', {
    hint: 'Add a node with an output of the type sluice/image@1, such as vision/annotate.',
  });
}

function thePreview(runs: Runs, { id, node, port }: Where): Preview {
  const run = runs.need(id);
  const previews = runs.previews(run.id);
  const found = previews.find((one) => one.node === node && one.port === port);
  if (found !== undefined) return found;
  const known = previews.map((one) => `${one.node}.${one.port}`).join(', ');
  throw new SluiceError('PREVIEW_NOT_FOUND', `${node}.${port} is no output of ${run.plan.name} that gives pictures.`, {
    hint: known === '' ? 'This graph has none.' : `Pictures come from ${known}.`,
  });
}

function picture(reply: FastifyReply, preview: Preview): FastifyReply {
  const { latest } = preview;
  if (latest === undefined) {
    void reply.header('retry-after', '1');
    throw pending();
  }
  return reply.type(latest.content_type).send(Buffer.from(latest.data.buffer, latest.data.byteOffset, latest.data.byteLength));
}

function pending(): SluiceError {
  return new SluiceError('PREVIEW_PENDING', 'There is no picture yet.', {
    hint: 'Ask again in a second; /api/v1/runs says whether the source gives frames.',
    retryable: true,
  });
}

/** Multipart JPEG: while the reader is behind, only the newest picture is kept for it. */
function film(reply: FastifyReply, runs: Runs, streams: Streams, preview: Preview): FastifyReply {
  let behind = false;
  let missed = false;
  const raw = streams.open(reply, `multipart/x-mixed-replace; boundary=${BOUNDARY}`);
  raw.once('close', runs.watch(preview, send));
  raw.write(`--${BOUNDARY}\r\n`);
  raw.on('drain', () => {
    behind = false;
    if (missed) send();
  });
  send();
  return reply;

  function send(): void {
    const { latest } = preview;
    if (latest === undefined || raw.destroyed) return;
    missed = behind;
    if (behind) return;
    raw.cork();
    raw.write(`content-type: ${latest.content_type}\r\ncontent-length: ${latest.data.byteLength}\r\n\r\n`);
    raw.write(latest.data);
    // The boundary goes with its picture: a browser shows a part when it sees the end of it.
    behind = !raw.write(`\r\n--${BOUNDARY}\r\n`);
    raw.uncork();
  }
}
