// Whether a body is signed with the app's key: HMAC-SHA256 over the bytes as they came, in base64, as both vendors do.
import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The key is used as the UTF-8 text that the vendor shows, not decoded. The texts are compared, not the bytes that
 * they stand for, because base64 has several texts for some bytes, and one wrong character must be refused; how long
 * it takes tells nothing about where they differ.
 */
export function isSigned(
  body: Uint8Array,
  { key, signature }: { readonly key: string; readonly signature: unknown },
): boolean {
  if (typeof signature !== 'string' || key === '') return false;
  const right = Buffer.from(createHmac('sha256', key).update(body).digest('base64'));
  const given = Buffer.from(signature);
  return given.length === right.length && timingSafeEqual(given, right);
}
