// One connector's `check` as a child process: whether it can work, and why not.
import type { Message } from '@airbyte/cdk-typescript-shim';
import { commandOf } from '../registry.ts';
import { messagesOf, startChild } from '../run/child.ts';
import { openPrivateFile } from './private-file.ts';

export interface CheckOptions {
  readonly connector: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Where the configuration may lie while the child reads it. */
  readonly folder: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
  /** The complete configuration with what the source rotated; it goes on when this resolves. */
  rotated(config: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface CheckResult {
  readonly ok: boolean;
  /** One line. */
  readonly reason: string;
}

const graceMilliseconds = 5_000;

/** Never rejects for what the child does; rejects when what it rotated cannot be kept. */
export async function runCheck(options: CheckOptions): Promise<CheckResult> {
  const { connector, config, folder, seconds, signal } = options;
  const file = await openPrivateFile(folder, config);
  try {
    const child = startChild(connector, commandOf(connector), ['check', '--config', file.path]);
    child.process.stdin.end();
    const deadline = AbortSignal.timeout(seconds * 1_000);
    const stop = () => {
      child.process.kill('SIGTERM');
      setTimeout(() => child.process.kill('SIGKILL'), graceMilliseconds).unref();
    };
    for (const one of [signal, deadline])
      one.aborted ? stop() : one.addEventListener('abort', stop, { once: true });
    const heard = await listen(messagesOf(child), options);
    const { code, stderr } = await child.ended;
    signal.removeEventListener('abort', stop);
    if (heard) return heard;
    if (deadline.aborted) return { ok: false, reason: `it gave no answer within ${seconds} seconds` };
    return { ok: false, reason: oneLine(stderr) || `it ended with code ${code} and no word` };
  } finally {
    await file.remove();
  }
}

async function listen(
  messages: AsyncIterable<Message>,
  { rotated }: Pick<CheckOptions, 'rotated'>,
): Promise<CheckResult | undefined> {
  let result: CheckResult | undefined;
  let failure: string | undefined;
  for await (const message of messages) {
    if (message.type === 'CONTROL' && message.control.connectorConfig)
      await rotated(message.control.connectorConfig.config);
    if (message.type === 'TRACE') failure = message.trace.error?.message ?? failure;
    if (message.type !== 'CONNECTION_STATUS') continue;
    const { status, message: words } = message.connectionStatus;
    result = { ok: status === 'SUCCEEDED', reason: oneLine(words ?? '') };
  }
  return result ?? (failure === undefined ? undefined : { ok: false, reason: oneLine(failure) });
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, ' ');
