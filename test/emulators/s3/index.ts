// A small S3: buckets of objects in memory, path-style addresses, signed requests, errors as S3 words them.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { type Answer, type Emulator, type EmulatorRequest, startEmulator } from '../emulator.ts';
import { type Keys, signatureFault } from './signature.ts';

export interface S3Emulator extends Emulator {
  readonly keys: Keys;
  readonly bucket: string;
  readonly region: string;
  /** The objects of the bucket by key. */
  readonly objects: ReadonlyMap<string, Buffer>;
  /** From now on the keys may not write. */
  forbid(): void;
}

export async function startS3({
  clock,
  bucket = 'ledger-files',
  region = 'eu-west-1',
}: {
  readonly clock: Clock;
  readonly bucket?: string;
  readonly region?: string;
}): Promise<S3Emulator> {
  const keys: Keys = { accessKeyId: 'AKIASANDBOX', secretAccessKey: 'sandbox/secret+access/key' };
  const objects = new Map<string, Buffer>();
  let forbidden = false;
  const handle = (request: EmulatorRequest): Answer => {
    const fault = signatureFault(request, { keys, region });
    if (fault) return refusal(fault);
    const [, name = '', ...rest] = request.url.pathname.split('/').map(decodeURIComponent);
    if (name !== bucket) return refusal('NoSuchBucket');
    if (forbidden && request.method !== 'GET') return refusal('AccessDenied');
    return onObject(objects, { ...request, key: rest.join('/') });
  };
  const emulator = await startEmulator(handle, { clock, keepBodies: false });
  return {
    ...emulator,
    ...{ keys, bucket, region, objects },
    forbid: () => {
      forbidden = true;
    },
  };
}

function onObject(
  objects: Map<string, Buffer>,
  { method, key, body }: EmulatorRequest & { readonly key: string },
): Answer {
  if (method === 'PUT') {
    objects.set(key, body);
    return { status: 200, headers: { etag: `"${body.length}"` } };
  }
  if (method === 'DELETE') {
    objects.delete(key);
    return { status: 204 };
  }
  const found = objects.get(key);
  return found ? { status: 200, body: found } : refusal('NoSuchKey');
}

const statuses: Readonly<Record<string, number>> = {
  NoSuchBucket: 404,
  NoSuchKey: 404,
  XAmzContentSHA256Mismatch: 400,
  AuthorizationHeaderMalformed: 400,
};

function refusal(code: string): Answer {
  const words: Readonly<Record<string, string>> = {
    NoSuchBucket: 'The specified bucket does not exist',
    NoSuchKey: 'The specified key does not exist.',
    AccessDenied: 'Access Denied',
    InvalidAccessKeyId: 'The AWS Access Key Id you provided does not exist in our records.',
    SignatureDoesNotMatch: 'The request signature we calculated does not match the signature you provided.',
  };
  return {
    status: statuses[code] ?? 403,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${words[code] ?? code}</Message><RequestId>1</RequestId></Error>`,
  };
}
