import { Cron } from 'croner';

/** A kind of text that a pattern cannot say. */
export interface Format {
  /** How messages name it. */
  readonly what: string;
  /** @throws where the text is none */
  read(text: string): unknown;
}

/** By `format` of a schema. */
export const FORMATS: Readonly<Record<string, Format>> = {
  cron: {
    what: 'a cron expression: five fields (minute, hour, day, month, weekday), or six with seconds first',
    read: (text) => nextMoment(text, 'UTC', 0),
  },
  'time-zone': {
    what: 'a time zone such as UTC or Europe/Paris',
    read: (text) => new Intl.DateTimeFormat('en', { timeZone: text }),
  },
};

export function isFormat(format: Format, text: string): boolean {
  try {
    format.read(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first moment after `after` that a cron expression names.
 * @param timezone IANA name of the zone whose clock it speaks of
 * @param after ms since the epoch
 * @returns ms since the epoch; undefined where there is none any more
 * @throws Error where it is no cron expression, or there is no such zone
 */
export function nextMoment(cron: string, timezone: string, after: number): number | undefined {
  return new Cron(cron, { timezone, paused: true }).nextRun(new Date(after))?.getTime();
}
