// What Tableau says when it refuses a request, in words that tell what to do about it.
import { ConnectorError, configError, isObject } from '@airbyte/cdk-typescript-shim';
import type { HttpRequest, HttpResponse } from '@airbyte/cdk-typescript-shim/kit';
import { at, textOf } from './answers.ts';

export interface Refusal {
  /** Six digits, the first three of which are the status; the status with three zeros when no code was sent. */
  readonly code: string;
  /** Summary and detail. */
  readonly message: string;
}

/** Reads JSON, the XML that some versions answer whatever was asked for, and the HTML of gateways. */
export function readRefusal(response: Pick<HttpResponse, 'status' | 'text'>): Refusal {
  const text = response.text();
  const error = errorOf(text);
  if (error) {
    const code = textOf(error.code);
    return { code: /^\d{6}$/.test(code) ? code : `${response.status}000`, message: sentence(error) };
  }
  const plain = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);
  return { code: `${response.status}000`, message: plain };
}

interface ErrorFields {
  readonly code?: unknown;
  readonly summary?: unknown;
  readonly detail?: unknown;
}

function errorOf(text: string): ErrorFields | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const error = at(body, 'error');
    if (isObject(error)) return error;
    // Spring's own shape: {"timestamp","status","error","path"}.
    return isObject(body) ? { summary: body.error, detail: body.message } : undefined;
  } catch {
    const [, code] = /<error\s[^>]*code="(\d+)"/.exec(text) ?? [];
    if (code === undefined) return undefined;
    const part = (name: string): string =>
      new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(text)?.[1]?.trim() ?? '';
    return { code, summary: part('summary'), detail: part('detail') };
  }
}

const sentence = ({ summary, detail }: ErrorFields): string =>
  [textOf(summary), textOf(detail)].filter((part) => part !== '').join(': ');

/** A sentence of the vendor's inside one of ours, with its code. */
export const said = ({ code, message }: Refusal): string =>
  message ? `Tableau said "${message.replace(/[\s.]+$/, '')}" (${code})` : `Tableau answered ${code}`;

/** The code of a refusal that became an error, or the empty text. */
export function codeOf(error: unknown): string {
  if (!(error instanceof ConnectorError) || error.status === undefined) return '';
  return readRefusal({ status: error.status, text: () => error.body ?? '' }).code;
}

/** The token was refused: missing, expired, or ended by another sign-in. 401001 is a sign-in that failed. */
export const tokenRefused = (response: HttpResponse): boolean =>
  response.status === 401 && readRefusal(response).code !== '401001';

/** Remedies by code ("Handling Errors"). */
const remedies: Readonly<Record<string, string>> = {
  '400011': 'look into the detail: the file was refused, usually for its tables or a name',
  '403004':
    'give the user the site role Explorer (can publish) or higher, and the capability to publish in the project',
  '403007': 'choose another "name_prefix" or project, or delete the data source of that name',
  '404000': 'check the setting "site": it is the part of the address after "/site/"',
  '404001': 'check the address in the setting "server"',
  '404003': 'check the address in the setting "server", and that the version of the server has this',
  '413000': 'lower "update_megabytes", or raise api.server.update_uploaded_file.max_size_in_mb on the server',
};

/** Tableau's refusal as an error of ours; undefined for those that time may mend, which the kit words. */
export function explainRefusal(response: HttpResponse, { purpose }: HttpRequest): ConnectorError | undefined {
  const refusal = readRefusal(response);
  const wanted = `Cannot ${purpose ?? 'use Tableau'}`;
  const body = response.text().slice(0, 16_000);
  const options = { status: response.status, body, detail: `${refusal.code}: ${refusal.message}` };
  const remedy = remedies[refusal.code];
  const fail = (otherwise: string): ConnectorError =>
    configError(`${wanted}: ${said(refusal)}, ${remedy ?? otherwise}`, options);
  switch (response.status) {
    case 400:
      return fail('check the settings');
    case 401:
      return tokenRefused(response)
        ? fail('another program signs in with the same token: make one for this connector alone')
        : fail('check the setting "credentials"');
    case 403:
      return fail('ask the owner of the project for the permission to publish in it');
    case 404:
      return fail('check the names and IDs in the settings');
    case 409:
      return new ConnectorError('transient', `${wanted}: ${said(refusal)}, run again later`, options);
    case 413:
      return fail(remedies['413000'] ?? '');
    default:
      return undefined;
  }
}

/** "Please retry after N minutes" of a 429000, as milliseconds. */
export function minutesToWait(response: HttpResponse): number | undefined {
  if (response.status !== 429 || response.headers['retry-after'] !== undefined) return undefined;
  const [, minutes] = /retry after (\d+) minute/i.exec(response.text()) ?? [];
  return minutes === undefined ? undefined : Number(minutes) * 60_000;
}
