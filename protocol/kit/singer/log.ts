// Logs as Singer has them: a level and a sentence for each line of stderr, secrets blotted out.
import type { LogLevel, Message } from '../../index.ts';
import type { Redactor } from '../redact.ts';

export type SingerLevel = 'CRITICAL' | 'ERROR' | 'WARNING' | 'INFO' | 'DEBUG';

export interface Log {
  line(level: SingerLevel, text: string): void;
  /** Writes what a message has to say to people: its log text, its error, that it waits. Other messages say nothing. */
  message(message: Message): void;
}

const levels: Readonly<Record<LogLevel, SingerLevel>> = {
  FATAL: 'CRITICAL',
  ERROR: 'ERROR',
  WARN: 'WARNING',
  INFO: 'INFO',
  DEBUG: 'DEBUG',
  TRACE: 'DEBUG',
};

/** A log on `write`. DEBUG lines are left out unless `debug` is set (LOG_LEVEL, as in Airbyte's containers). */
export function openLog(
  redactor: Redactor,
  { write, debug }: { readonly write: (text: string) => void; readonly debug: boolean },
): Log {
  const line = (level: SingerLevel, text: string): void => {
    if (level === 'DEBUG' && !debug) return;
    write(`${level} ${redactor.redact(text).replaceAll(/\s*\n\s*/g, ' ')}\n`);
  };
  return {
    line,
    message(message) {
      if (message.type === 'LOG') line(levels[message.log.level], message.log.message);
      if (message.type !== 'TRACE') return;
      const { error, stream_status: status } = message.trace;
      if (error) line('ERROR', error.message);
      const reset = status?.reasons?.[0]?.rate_limited?.quota_reset;
      if (status && reset !== undefined)
        line(
          'INFO',
          `Stream "${status.stream_descriptor.name}" waits for a rate limit until ${instant(reset)}`,
        );
    },
  };
}

const instant = (milliseconds: number): string => new Date(milliseconds).toISOString();
