// Stores of files as destination-looker is configured for them: S3 and SFTP, whose clients are packages beside its bundle.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { startS3 } from '../emulators/s3/index.ts';
import { startSftp } from '../emulators/sftp/index.ts';

export interface Stores extends AsyncDisposable {
  /** Complete configurations by the kind of store. */
  readonly configs: Readonly<Record<'s3' | 'sftp', object>>;
}

export async function openStores(): Promise<Stores> {
  const s3 = await startS3({ clock: systemClock });
  const sftp = await startSftp();
  const { host, port, user, password } = sftp;
  return {
    configs: {
      s3: {
        mode: 'files',
        files: {
          storage: 's3',
          bucket: s3.bucket,
          region: s3.region,
          endpoint: s3.url,
          access_key_id: s3.keys.accessKeyId,
          secret_access_key: s3.keys.secretAccessKey,
        },
      },
      sftp: { mode: 'files', files: { storage: 'sftp', host, port, user, password, prefix: '/books' } },
    },
    async [Symbol.asyncDispose]() {
      await s3.close();
      await sftp.close();
    },
  };
}
