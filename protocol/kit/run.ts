// One run of one command: its output, its way to stop, and how it ends.
import { asConnectorError, type ConnectorError, errorMessage, type Message } from '../index.ts';
import { systemClock } from './clock.ts';
import { createOutput, type Output } from './output.ts';
import { createRedactor, type Redactor } from './redact.ts';
import { dieOf, type Stop, Stopped, stopOnSignals } from './stop.ts';

export interface Run {
  readonly output: Output;
  readonly redactor: Redactor;
  readonly stop: Stop;
}

/** A command: does its work and gives the exit code. */
export type Command = (run: Run) => Promise<number>;

/** How long an aborted command may take to say how far it came: callers kill after 10 s. */
const graceMilliseconds = 8_000;

/** Runs a command to its end: errors become TRACE ERROR, signals a death by that signal, the rest an exit code. */
export async function execute(command: Command): Promise<void> {
  const redactor = createRedactor();
  const output = createOutput(process.stdout, redactor);
  const stop = stopOnSignals();
  void output.closed.then(() => stop.request('SIGPIPE'));
  stop.overdue(graceMilliseconds, () => end(stop, 1));
  let code: number;
  try {
    code = await command({ output, redactor, stop });
  } catch (thrown) {
    code = 1;
    if (!stop.signal.aborted) await reportError(asConnectorError(thrown), { output, redactor, stop });
  }
  await output.flush();
  process.stdout.write('', () => end(stop, code));
  // A pipe whose reader is gone never calls back.
  void output.closed.then(() => end(stop, code));
}

function end(stop: Stop, code: number): void {
  const reason = stop.signal.aborted ? (stop.signal.reason as unknown) : undefined;
  if (!(reason instanceof Stopped)) process.exit(code);
  // Node ignores SIGPIPE, and the callers of a broken pipe are gone: a plain failure says enough.
  if (reason.signalName === 'SIGPIPE') process.exit(1);
  dieOf(reason.signalName);
}

/** Tells platform (TRACE) and person (stderr) of a failure, once each. */
export async function reportError(error: ConnectorError, { output, redactor }: Run): Promise<void> {
  process.stderr.write(`${redactor.redact(`error: ${error.message}`)}\n`);
  await output.say(traceOf(error));
}

/** A ConnectorError as the protocol's TRACE ERROR. */
export function traceOf(error: ConnectorError): Message {
  return errorMessage(
    {
      message: error.message,
      failure_type: `${error.kind}_error`,
      ...(error.detail ? { internal_message: error.detail } : {}),
      ...(error.kind === 'system' && error.stack ? { stack_trace: error.stack } : {}),
      ...(error.stream ? { stream_descriptor: { name: error.stream } } : {}),
    },
    systemClock.now(),
  );
}
