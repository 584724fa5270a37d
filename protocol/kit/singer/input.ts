// What a target reads: standard input, or the file of `--input`.
import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { configError } from '../../index.ts';

/** The bytes as they come. An abort of `signal` ends them with its reason. */
export async function* inputBytes(file: string | undefined, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (file !== undefined) await assertReadable(file);
  const stream = file === undefined ? process.stdin : createReadStream(file);
  const stop = () => stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function assertReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw configError(`Cannot use input "${file}": ${why}`);
  }
}
