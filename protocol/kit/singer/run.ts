// One run of a tap or target: as a run of any command, but errors are one CRITICAL line and stdout is Singer's.
import { asConnectorError } from '../../index.ts';
import { type Lines, openLines } from '../lines.ts';
import { execute, type Run } from '../run.ts';
import { type Log, openLog } from './log.ts';

export interface SingerRun {
  readonly run: Run;
  readonly out: Lines;
  readonly log: Log;
}

/** Does its work and gives the exit code. */
export type SingerCommand = (run: SingerRun) => Promise<number>;

/** Runs a command to its end. A signal is a death by that signal, with no CRITICAL line: nothing went wrong here. */
export function executeSinger(command: SingerCommand): Promise<void> {
  return execute(async (run) => {
    const out = openLines(process.stdout, run.output.closed);
    const log = openLog(run.redactor, {
      write: (text) => process.stderr.write(text),
      debug: /^(debug|trace)$/i.test(process.env.LOG_LEVEL ?? ''),
    });
    try {
      return await command({ run, out, log });
    } catch (thrown) {
      const error = asConnectorError(thrown);
      if (error.detail !== undefined) log.line('DEBUG', error.detail);
      if (!run.stop.signal.aborted) log.line('CRITICAL', error.message);
      return 1;
    } finally {
      await out.flush();
    }
  });
}
