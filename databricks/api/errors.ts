// What Databricks says when it refuses a request, in words that tell what to do about it.
import { ConnectorError, configError, isObject } from '@airbyte/cdk-typescript-shim';
import type { HttpRequest, HttpResponse } from '@airbyte/cdk-typescript-shim/kit';

/** The vendor's code (upper case, or the status as text) and sentence. Gateways answer HTML, and `CODE: text`. */
export function readRefusal(response: HttpResponse): { readonly code: string; readonly message: string } {
  const text = response.text();
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) {
      // `error_code` is a number where authentication failed, text elsewhere.
      const code = String(body.error_code ?? body.error ?? response.status);
      return { code, message: String(body.message ?? body.error_description ?? '') };
    }
  } catch {
    // Not JSON: read as text.
  }
  const plain = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
  const [, code, message] = /^([A-Z_]{3,}): (.*)$/.exec(plain) ?? [];
  return { code: code ?? String(response.status), message: message ?? plain };
}

/** An invalid or expired bearer is answered by 403, only a missing one by 401 (recorded). */
export const tokenRefused = (response: HttpResponse): boolean =>
  response.status === 401 ||
  (response.status === 403 &&
    /invalid (access )?token|token (is|has) expired/i.test(readRefusal(response).message));

/** The vendor's refusal as an error of ours; undefined for those that time may mend, which the kit words. */
export function explainRefusal(response: HttpResponse, { purpose }: HttpRequest): ConnectorError | undefined {
  const { code, message } = readRefusal(response);
  const wanted = `Cannot ${purpose ?? 'use Databricks'}`;
  const options = {
    status: response.status,
    body: response.text().slice(0, 2000),
    detail: `${code}: ${message}`,
  };
  if (tokenRefused(response))
    return configError(
      `${wanted}: Databricks refused the access token, check the setting "authentication" and that the token has not expired or been revoked`,
      options,
    );
  if (response.status === 403 || code === 'PERMISSION_DENIED')
    return configError(`${wanted}: ${said(message)}, ${grantRemedy(message)}`, options);
  if (response.status === 404)
    return configError(`${wanted}: ${said(message || 'not found')}, check its name in the settings`, options);
  // The requests' shapes are fixed: what varies, and what a 400 finds wrong, comes from the settings.
  if (response.status === 400)
    return configError(`${wanted}: ${said(message || code)}, check the settings`, options);
  if (response.status === 409) return new ConnectorError('transient', `${wanted}: ${said(message)}`, options);
  return undefined;
}

/** A sentence of the vendor's inside one of ours. */
export const said = (message: string): string => `Databricks said "${message.replace(/[\s.]+$/, '')}"`;

/** What to grant, when the message names it: `User does not have USE SCHEMA on Schema 'main.x'.` */
export function grantRemedy(message: string): string {
  const [, privilege, kind, name] =
    /does not have (?:the )?([A-Z][A-Z_ ]+?)(?: privilege| permission)? on (\w+) '([^']+)'/.exec(message) ??
    [];
  if (!privilege || !kind || !name)
    return 'ask the owner to grant the missing privilege to the principal that signs in';
  const securable = name
    .split('.')
    .map((part) => `\`${part}\``)
    .join('.');
  return `ask its owner to run: GRANT ${privilege.replaceAll('_', ' ')} ON ${kind.toUpperCase()} ${securable} TO the principal that signs in`;
}
