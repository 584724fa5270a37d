// What Power BI says when it refuses a request: four shapes of error body, and pages of gateways, read as one.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { HttpResponse } from '@airbyte/cdk-typescript-shim/kit';

export interface Refusal {
  /** The vendor's code, or empty. */
  readonly code: string;
  /** What it says, with its details; or empty. */
  readonly message: string;
}

/**
 * Envelopes: A `{error:{code,message,details}}`, B `{error:{code,"pbi.error":{...}}}`, C `{message}` or `{Message}`, D an
 * empty body; and HTML or plain text from gateways.
 */
export function readRefusal(response: HttpResponse): Refusal {
  const text = withoutMark(response.text()).trim();
  const body = parsed(text);
  if (!isObject(body)) return { code: '', message: plain(text) };
  const error = isObject(body.error) ? body.error : undefined;
  if (error === undefined) {
    // OneLake and Fabric: `{errorCode, message}`.
    const code = [body.errorCode, body.error, body.code].find((value) => typeof value === 'string');
    return { code: String(code ?? ''), message: plain(String(body.message ?? body.Message ?? '')) };
  }
  const inner = isObject(error['pbi.error']) ? error['pbi.error'] : {};
  const code = String(error.code ?? inner.code ?? '');
  const said = [error.message, ...detailsOf(error.details), ...detailsOf(inner.details)];
  return { code, message: said.flatMap((part) => (part ? [plain(String(part))] : [])).join('; ') };
}

function detailsOf(details: unknown): readonly string[] {
  if (!Array.isArray(details)) return [];
  return details.filter(isObject).map((entry) => {
    const detail = isObject(entry.detail) ? entry.detail.value : undefined;
    const target = typeof entry.target === 'string' ? `${entry.target}: ` : '';
    return `${target}${entry.message ?? detail ?? entry.code ?? ''}`;
  });
}

/** executeQueries answers with a byte order mark before its JSON. */
export const withoutMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const plain = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 500);
