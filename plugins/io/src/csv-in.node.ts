import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { IsArray, IsBoolean, IsNotEmpty, IsOptional, IsString, Length } from 'class-validator';
import { CsvError, parse } from 'csv-parse';
import { Any, bytes, Doc, IsSize, Node, port, SluiceError, to, type Context, type To } from '@sluice/sdk';
import { fileFault } from './file-fault';
import { replay, ReplayConfig, type Read } from './replay';

export class CsvInConfig extends ReplayConfig {
  @IsString()
  @IsNotEmpty()
  @Doc('File; relative ones lie in the folder of the graph.', { examples: ['samples/sensors.csv'] })
  path!: string;
  @IsString() @Length(1, 1) @Doc('What stands between two fields.') delimiter = ',';
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  @Doc('Names of the columns, where the first line is not their header.', { examples: [['time', 'value']] })
  columns?: string[];
  @IsBoolean() @Doc('Fields that are written like numbers become numbers, empty ones null; else all are texts.') numbers = true;
  @IsString() @IsNotEmpty() @Doc('Kind of the packets.') kind = 'row';
  @IsOptional() @IsString() @Doc('Column that names the origin of a row.', { examples: ['sensor_id'] }) source_column?: string;
  @IsOptional()
  @IsString()
  @Doc('Column with the time of a row: ISO-8601, or milliseconds since 1970. Else it is the time of reading.', { examples: ['ts'] })
  time_column?: string;
  @IsSize() @Doc('A longer row cannot be read.') max_row = '128KB';
}

type Row = Readonly<Record<string, unknown>>;
type Sent = To<'out', Row>;
interface Info {
  readonly lines: number;
  readonly records: number;
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

@Node({
  type: 'io/csv-in',
  kind: 'source',
  summary: 'Reads a CSV file, one packet per row: an object with the columns as fields.',
  doc: 'Lossless: a row is read when there is room for it. A fault names its line. The key of a packet is file and row, so it is the same each time that the file is read.',
  config: CsvInConfig,
  out: { out: port(Any, 'One packet per row.') },
  examples: [
    { title: 'Readings of sensors', config: { path: 'samples/sensors.csv', source_column: 'sensor_id' } },
    {
      title: 'No header, semicolons, fifty rows a second, for ever',
      config: { path: 'samples/log.csv', columns: ['ts', 'value'], delimiter: ';', time_column: 'ts', interval: '20ms', loop: true },
    },
  ],
})
export class CsvInNode {
  constructor(private readonly config: CsvInConfig) {}

  read(ctx: Context): AsyncGenerator<Sent, void> {
    return replay((round) => this.rows(ctx.path(this.config.path), round), this.config, ctx);
  }

  private async *rows(path: string, round: number): AsyncGenerator<Read<Sent>, void> {
    const name = basename(path);
    const { columns, delimiter, numbers, max_row, on_bad } = this.config;
    const skipped: SluiceError[] = [];
    const parser = parse({
      bom: true,
      columns: columns ?? ((header: string[]) => this.header(header, name)),
      delimiter,
      info: true,
      cast: numbers ? (text, context) => (context.header ? text : cast(text)) : false,
      max_record_size: bytes(max_row),
      skip_empty_lines: true,
      skip_records_with_error: on_bad === 'skip',
      on_skip: (error) => void (error !== undefined && skipped.push(badRow(error, name))),
    });
    const file = createReadStream(path);
    // The parser gives the fault of either to whoever reads it.
    pipeline(file, parser, () => undefined);
    try {
      for await (const { record, info } of parser as AsyncIterable<{ record: Row; info: Info }>) {
        while (skipped.length > 0) yield { bad: skipped.shift()! };
        yield this.sent(record, info, round === 0 ? `${name}:${info.records}` : `${name}:${round}:${info.records}`, name);
      }
      while (skipped.length > 0) yield { bad: skipped.shift()! };
    } catch (error) {
      throw error instanceof CsvError ? badRow(error, name) : fileFault(error, path, 'read');
    } finally {
      file.destroy();
    }
  }

  private header(header: string[], name: string): string[] {
    for (const column of [this.config.source_column, this.config.time_column]) {
      if (column !== undefined && !header.includes(column)) {
        throw new SluiceError('CSV_NO_COLUMN', `${name} has no column ${column}.`, { hint: `It has ${header.join(', ')}.` });
      }
    }
    return header;
  }

  private sent(row: Row, info: Info, key: string, name: string): Read<Sent> {
    const { kind, source_column, time_column } = this.config;
    const time = time_column === undefined ? undefined : timeOf(row[time_column]);
    if (Number.isNaN(time)) {
      return {
        bad: new SluiceError('CSV_BAD_ROW', `${name}:${info.lines}: ${time_column} is no time: ${String(row[time_column!])}.`, {
          hint: 'Write ISO-8601 or milliseconds since 1970.',
        }),
      };
    }
    const source = source_column === undefined ? {} : { sourceId: String(row[source_column] ?? '') };
    return { record: to('out', row, { kind, key, ...source, ...(time === undefined ? {} : { time }) }) };
  }
}

function cast(text: string): string | number | null {
  if (text === '') return null;
  return NUMBER.test(text) ? Number(text) : text;
}

function timeOf(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}

function badRow(error: CsvError, name: string): SluiceError {
  const { lines } = error as CsvError & { lines?: number };
  return new SluiceError('CSV_BAD_ROW', `${name}${lines === undefined ? '' : `:${lines}`}: ${error.message}.`, {
    hint: 'Correct the row, or set on_bad to skip.',
    cause: error,
  });
}
