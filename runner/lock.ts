// One run of a pipeline at a time: a lock that a killed run leaves behind is taken over within seconds.
import { mkdir } from 'node:fs/promises';
import { transientError } from '@airbyte/cdk-typescript-shim';
import { lock } from 'proper-lockfile';

const staleMilliseconds = 3_000;

/** Locks the pipeline's folder; throws a transient error when another run holds it. Returns the release. */
export async function lockPipeline(folder: string, name: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await lock(folder, {
      stale: staleMilliseconds,
      update: staleMilliseconds / 3,
      retries: { retries: 10, minTimeout: staleMilliseconds / 6, factor: 1 },
    });
  } catch (cause) {
    throw transientError(`Pipeline "${name}" is running already: wait for that run to end`, { cause });
  }
}
