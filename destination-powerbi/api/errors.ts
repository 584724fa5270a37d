// Refusals of Power BI and Fabric as errors that say what to do.
import { ConnectorError, configError, systemError } from '@airbyte/cdk-typescript-shim';
import type { HttpRequest, HttpResponse } from '@airbyte/cdk-typescript-shim/kit';
import { type Refusal, readRefusal } from './envelopes.ts';

/** TokenExpired comes with 403, not 401; a 401 without the code of a missing permission may be a token's as well. */
export function tokenRefused(response: HttpResponse): boolean {
  if (response.status !== 401 && response.status !== 403) return false;
  const { code } = readRefusal(response);
  return code === 'TokenExpired' || (response.status === 401 && code !== 'PowerBINotAuthorizedException');
}

/** A permission is missing, or has not come into force yet. */
export const permissionRefused = ({ status }: HttpResponse): boolean => status === 401 || status === 403;

/** The row limit of bodies: over 16 MB, or over 10,000 rows where that is said so. */
export const tooLarge = ({ status }: ConnectorError): boolean => status === 413;

export const permissionChecklist = [
  'the tenant setting that lets service principals call these APIs is on (Power BI admin portal, Developer settings)',
  'the service principal is in the security group that the setting names',
  'the service principal is Member, Admin or Contributor of the workspace (Viewer cannot write; "My workspace" has no roles)',
  'changes have had 15 minutes to take effect',
].join('; ');

export function explainRefusal(response: HttpResponse, request: HttpRequest): ConnectorError | undefined {
  const refusal = readRefusal(response);
  const wanted = `Cannot ${request.purpose ?? 'use Power BI'}`;
  const { status } = response;
  const options = {
    status,
    body: JSON.stringify(refusal),
    detail: `${refusal.code || status}: ${refusal.message} (RequestId ${response.headers.requestid ?? response.headers['x-ms-request-id'] ?? 'none'})`,
  };
  if (refusal.code === 'FeatureDeprecatedError')
    return configError(
      `${wanted}: Microsoft makes no new push semantic models any more (FeatureDeprecatedError), name an existing one in "delivery.dataset_id" or set "delivery.mode" to "open_mirroring"`,
      options,
    );
  if (status === 403 && refusal.code === 'TokenExpired')
    return new ConnectorError('transient', `${wanted}: the access token expired, try again`, options);
  if (permissionRefused(response))
    return configError(`${wanted}: ${said(refusal, status)}; check that ${permissionChecklist}`, options);
  if (status === 404)
    return configError(
      `${wanted}: ${said(refusal, status)}, check the IDs and names in the settings`,
      options,
    );
  if (status === 429)
    return new ConnectorError('transient', `${wanted}: ${said(refusal, status)}, run again later`, options);
  if (status === 413)
    return systemError(`${wanted}: the request was too large, lower "max_megabytes"`, options);
  if (status === 400)
    return configError(`${wanted}: ${said(refusal, status)}, check the settings and the log`, options);
  return undefined;
}

/** The vendor's sentence inside one of ours. */
export function said({ code, message }: Refusal, status: number): string {
  const codeText = code ? ` (${code})` : '';
  return message
    ? `Power BI said "${message.replace(/[\s.]+$/, '')}"${codeText}`
    : `Power BI answered ${status}${codeText}`;
}

/** The vendor's code of an error made by `explainRefusal`, or empty. */
export function codeOf({ body }: ConnectorError): string {
  try {
    return String((JSON.parse(body ?? '{}') as Partial<Refusal>).code ?? '');
  } catch {
    return '';
  }
}
