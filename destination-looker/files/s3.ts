// S3 and stores that speak its language. The client is loaded when a store is opened: a bundle would load it at start.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Settings } from '../spec.ts';
import type { Storage } from './storage.ts';

/** A PUT of one object is atomic, up to 5 GiB (S3 user guide, "Uploading objects"): a segment's file is far smaller. */
export async function openS3(settings: S3Settings): Promise<Storage> {
  const { DeleteObjectCommand, PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const { bucket, region, endpoint, access_key_id: id, secret_access_key: secret } = settings;
  const client = new S3Client({
    region,
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    ...(id && secret ? { credentials: { accessKeyId: id, secretAccessKey: secret } } : {}),
    // A stream cannot be sent twice: we open it anew for each attempt, and count attempts ourselves.
    maxAttempts: 1,
    // It otherwise writes to the console what it reports by rejecting, too.
    logger: silent,
    // Many compatible stores refuse the newer trailing checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const put = async (path: string, body: PutBody): Promise<void> => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: path, ...body }));
  };
  return {
    address: `s3://${bucket}`,
    async putFile(path, file) {
      const { size } = await stat(file);
      await put(path, { Body: createReadStream(file), ContentLength: size, ContentType: typeOf(path) });
    },
    putText: (path, text) => put(path, { Body: Buffer.from(text), ContentType: typeOf(path) }),
    async remove(path) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: path }));
    },
    close: async () => client.destroy(),
  };
}

const nothing = (): void => undefined;
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

type PutBody = Pick<PutObjectCommandInput, 'Body' | 'ContentLength' | 'ContentType'>;

const typeOf = (path: string): string =>
  path.endsWith('.json')
    ? 'application/json'
    : path.endsWith('.csv')
      ? 'text/csv'
      : 'application/vnd.apache.parquet';

export const s3Remedies: readonly (readonly [RegExp, string])[] = [
  [/NoSuchBucket|bucket does not exist/i, 'check "files.bucket"'],
  [
    /InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken/,
    'check "files.access_key_id" and "files.secret_access_key"',
  ],
  [
    /CredentialsProviderError|Could not load credentials/,
    'give "files.access_key_id" and "files.secret_access_key"',
  ],
  [/AccessDenied|Forbidden/, 'allow s3:PutObject and s3:DeleteObject under the prefix to the key'],
  [/PermanentRedirect|AuthorizationHeaderMalformed/, 'check "files.region"'],
  [/ENOTFOUND/, 'check "files.endpoint" and "files.region"'],
];
