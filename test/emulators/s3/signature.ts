// Checks AWS Signature Version 4 as S3 does ("Authenticating Requests: Using the Authorization Header").
import { createHash, createHmac } from 'node:crypto';
import type { EmulatorRequest } from '../emulator.ts';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** S3's error code for a request that is not signed by these keys, for this region; undefined when it is. */
export function signatureFault(
  request: EmulatorRequest,
  { keys, region }: { readonly keys: Keys; readonly region: string },
): string | undefined {
  const { authorization = '', 'x-amz-date': date, 'x-amz-content-sha256': hash } = request.headers;
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  const [, id, day = '', signedRegion = '', signed = '', signature] = found ?? [];
  if (!found || typeof date !== 'string' || typeof hash !== 'string') return 'AccessDenied';
  if (id !== keys.accessKeyId) return 'InvalidAccessKeyId';
  if (signedRegion !== region) return 'AuthorizationHeaderMalformed';
  if (/^[0-9a-f]{64}$/.test(hash) && hash !== sha256(request.body)) return 'XAmzContentSHA256Mismatch';
  const scope = `${day}/${signedRegion}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical(request, { signed, hash }))].join('\n');
  const key = [day, signedRegion, 's3', 'aws4_request'].reduce<Buffer>(
    (above, part) => createHmac('sha256', above).update(part).digest(),
    Buffer.from(`AWS4${keys.secretAccessKey}`),
  );
  const expected = createHmac('sha256', key).update(text).digest('hex');
  return expected === signature ? undefined : 'SignatureDoesNotMatch';
}

function canonical(
  { method, url, headers }: EmulatorRequest,
  { signed, hash }: { readonly signed: string; readonly hash: string },
): string {
  const query = [...url.searchParams]
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort()
    .join('&');
  const named = signed.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim()}\n`);
  return [method, url.pathname, query, named.join(''), signed, hash].join('\n');
}

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
