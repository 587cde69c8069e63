import { basename } from 'node:path';
import { IsIn, IsNotEmpty, IsString } from 'class-validator';
import { Any, bytes, Doc, IsSize, Node, port, SluiceError, to, type Context, type Emission, type Meta, type To } from '@sluice/sdk';
import { lines, type Line } from './lines';
import { replay, ReplayConfig, type Read } from './replay';

export class JsonlInConfig extends ReplayConfig {
  @IsString()
  @IsNotEmpty()
  @Doc('File; relative ones lie in the folder of the graph.', { examples: ['samples/events.jsonl'] })
  path!: string;
  @IsIn(['auto', 'packet', 'payload'])
  @Doc('What a line is: a packet with its header, a payload alone, or `auto`: a packet where it has packet_id, ts, kind and payload.')
  body: 'auto' | 'packet' | 'payload' = 'auto';
  @IsString() @IsNotEmpty() @Doc('Kind of lines that name none.') kind = 'record';
  @IsSize() @Doc('A longer line cannot be read.') max_line = '1MB';
}

type Sent = To<'out', unknown>;

@Node({
  type: 'io/jsonl-in',
  kind: 'source',
  summary: 'Reads a file of JSON lines, one packet each.',
  doc: 'Lossless: a line is read when there is room for it. Empty lines are passed over. A fault names its line. The key of a packet is its own, or file and line, so it is the same each time that the file is read.',
  config: JsonlInConfig,
  out: { out: port(Any, 'One packet per line.') },
  examples: [
    { title: 'Events that were written by io/jsonl-out', config: { path: 'out/events.jsonl' } },
    {
      title: 'Readings, ten a second, for ever, past broken lines',
      config: { path: 'samples/readings.jsonl', body: 'payload', interval: '100ms', loop: true, on_bad: 'skip' },
    },
  ],
})
export class JsonlInNode {
  constructor(private readonly config: JsonlInConfig) {}

  read(ctx: Context): AsyncGenerator<Sent, void> {
    return replay((round) => this.records(ctx.path(this.config.path), round), this.config, ctx);
  }

  private async *records(path: string, round: number): AsyncGenerator<Read<Sent>, void> {
    const name = basename(path);
    for await (const line of lines(path, bytes(this.config.max_line))) {
      if (line.text !== undefined && line.text.trim() === '') continue;
      try {
        yield { record: this.record(line, round === 0 ? `${name}:${line.number}` : `${name}:${round}:${line.number}`) };
      } catch (error) {
        if (!SluiceError.is(error)) throw error;
        yield { bad: new SluiceError(error.code, `${name}:${line.number}: ${error.message}`, { hint: error.hint ?? '', cause: error }) };
      }
    }
  }

  private record(line: Line, key: string): Sent {
    const value = parse(line, this.config.max_line);
    const { body, kind } = this.config;
    const packet = body === 'payload' ? undefined : asPacket(value);
    if (packet !== undefined) return to('out', packet.payload, packet.emission);
    if (body === 'packet') {
      throw new SluiceError('LINE_NO_PACKET', 'It is no packet: packet_id, ts (ISO-8601), kind or payload is missing.', {
        hint: 'Set body to payload or auto.',
      });
    }
    return to('out', value, { kind, key });
  }
}

function parse({ text, terminated }: Line, max: string): unknown {
  if (text === undefined)
    throw new SluiceError('LINE_TOO_LONG', `The line is longer than ${max}.`, {
      hint: 'Raise max_line, or check that the file has line breaks.',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SluiceError('LINE_NO_JSON', terminated ? `It is no JSON: ${(error as Error).message}.` : 'The last line was cut off.', {
      hint: terminated ? 'Correct the line, or set on_bad to skip.' : 'Its writer is at work or died; set on_bad to skip.',
      cause: error,
    });
  }
  // JSON.parse makes it an own key, but whoever copies the object with an assignment sets its prototype.
  if (text.includes('"__proto__"') && hasProto(value)) {
    throw new SluiceError('PACKET_NOT_PORTABLE', 'It has a key __proto__.', { hint: 'Rename the key.' });
  }
  return value;
}

function hasProto(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProto);
}

function asPacket(value: unknown): { readonly payload: unknown; readonly emission: Emission } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { packet_id, ts, kind, source_id, meta, payload } = value as Record<string, unknown>;
  if (typeof packet_id !== 'string' || typeof ts !== 'string' || typeof kind !== 'string' || payload === undefined) return undefined;
  const time = Date.parse(ts);
  if (Number.isNaN(time)) return undefined;
  const own = typeof meta === 'object' && meta !== null && !Array.isArray(meta) ? (meta as Meta) : {};
  const stable = own['idempotency_key'];
  return {
    payload,
    emission: {
      kind,
      time,
      meta: own,
      key: typeof stable === 'string' ? stable : packet_id,
      ...(typeof source_id === 'string' ? { sourceId: source_id } : {}),
    },
  };
}
