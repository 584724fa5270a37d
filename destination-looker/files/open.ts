// Opens the store that the settings name, and tries again what may pass.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import type { FilesSettings } from '../spec.ts';
import { explainStorage, isPassing, readFailure, type Storage } from './storage.ts';

export async function openStorage(settings: FilesSettings): Promise<Storage> {
  return settings.storage === 's3'
    ? (await import('./s3.ts')).openS3(settings)
    : (await import('./sftp.ts')).openSftp(settings);
}

const attempts = 6;

export interface Trying {
  readonly settings: FilesSettings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly purpose: string;
}

/** A file is sent whole or not at all, so that sending it again is always right. */
export async function trying(
  { settings, clock, signal, purpose }: Trying,
  work: () => Promise<void>,
): Promise<void> {
  const remedies =
    settings.storage === 's3'
      ? (await import('./s3.ts')).s3Remedies
      : (await import('./sftp.ts')).sftpRemedies;
  for (let attempt = 1; ; attempt += 1)
    try {
      await work();
      return;
    } catch (error) {
      signal.throwIfAborted();
      const explained = explainStorage(error, { purpose, remedies });
      if (explained.kind === 'config' || !isPassing(readFailure(error)) || attempt >= attempts)
        throw explained;
      await clock.sleep(Math.random() * Math.min(30_000, 1_000 * 2 ** attempt), signal);
    }
}
