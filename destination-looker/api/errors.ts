// What Looker says when it refuses a request, in words that tell what to do about it.
import { ConnectorError, configError, isObject, transientError } from '@airbyte/cdk-typescript-shim';
import type { HttpRequest, HttpResponse } from '@airbyte/cdk-typescript-shim/kit';

/** Looker's sentence, and for 422 each field it finds fault with ("Validation Failed"). */
export function readRefusal(response: HttpResponse): string {
  try {
    const body: unknown = JSON.parse(response.text());
    if (!isObject(body)) return '';
    const found = Array.isArray(body.errors) ? body.errors.filter(isObject) : [];
    const fields = found.map(
      ({ field, message }) => `${field ? `${String(field)}: ` : ''}${String(message)}`,
    );
    return [String(body.message ?? ''), ...fields].filter(Boolean).join('; ').slice(0, 600);
  } catch {
    return response
      .text()
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 300);
  }
}

/**
 * The refusal as an error of ours; undefined for those that time may mend, which the kit words. A 404 carries almost
 * no detail on purpose (docs/api-troubleshooting): a wrong key, a missing permission and a wrong name look alike.
 */
export function explainRefusal(response: HttpResponse, request: HttpRequest): ConnectorError | undefined {
  const { status } = response;
  const said = readRefusal(response);
  const wanted = `Cannot ${request.purpose ?? 'use Looker'}`;
  const quoted = said ? `: Looker said "${said.replace(/[\s.]+$/, '')}"` : '';
  const options = { status, detail: `${status}: ${said}`, body: response.text().slice(0, 4000) };
  if (status === 404 && isLogin(request))
    return configError(
      `${wanted}: Looker knows no such API key (404), check "looker.client_id", "looker.client_secret" and that "looker.base_url" is the API host`,
      options,
    );
  if (status === 404)
    return configError(
      `${wanted}: Looker answered 404, which means a wrong name, a bad key or a missing permission: check the name, then the roles of the key's user`,
      options,
    );
  if (status === 401)
    return configError(
      `${wanted}: Looker refused a fresh session (401), check the API key in "looker"`,
      options,
    );
  if (status === 403)
    return configError(
      `${wanted}${quoted || ': Looker answered 403'}, check the port and path of "looker.base_url" and the permissions of the key's user`,
      options,
    );
  if (status === 429 && /quota/i.test(said))
    return transientError(
      `${wanted}${quoted}, the API quota of the month is used up: run again after it resets`,
      options,
    );
  if (status === 409)
    return new ConnectorError(
      'transient',
      `${wanted}${quoted || ': somebody changed it'}, run again`,
      options,
    );
  if (status === 400 || status === 405 || status === 422)
    return configError(`${wanted}${quoted || `: Looker answered ${status}`}, check the settings`, options);
  return undefined;
}

const isLogin = ({ url }: HttpRequest): boolean =>
  /\/login$/.test(URL.canParse(url) ? new URL(url).pathname : '');
