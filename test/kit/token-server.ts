// A strict authorisation server: every refresh rotates, and a superseded token kills the connection (no grace at all).
import type { ServerResponse } from 'node:http';
import { answer, serveHttp, type TestServer } from './http-server.ts';

export interface TokenServer extends TestServer {
  readonly tokenUrl: string;
  /** The forms that arrived at the token endpoint. */
  readonly forms: URLSearchParams[];
  /** The refresh token that is good now; undefined once the connection is lost. */
  current(): string | undefined;
  /** What happens to the next answers instead: `lose` does the work but cuts the connection. */
  readonly faults: ('lose' | { readonly status: number; readonly json?: unknown; readonly text?: string })[];
}

export const CLIENT = { clientId: 'an-id', clientSecret: 's3cret/with+chars' };

export async function serveTokens({
  expiresIn = 1800 as number | string,
  rotates = true,
  grace = false,
  takes = 0,
} = {}): Promise<TokenServer> {
  const forms: URLSearchParams[] = [];
  const faults: TokenServer['faults'] = [];
  const superseded = new Set<string>();
  let [serial, dead] = [1, false];

  function refresh(used: string): string | undefined {
    const known = used === `refresh-${serial}` || (grace && superseded.has(used));
    if (superseded.has(used) && !grace) dead = true;
    if (dead || !known) return undefined;
    if (!rotates) return `refresh-${serial}`;
    superseded.add(`refresh-${serial}`);
    serial += 1;
    return `refresh-${serial}`;
  }

  async function handle(form: URLSearchParams, response: ServerResponse): Promise<void> {
    const fault = faults.shift();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, {
        'content-type': fault.text === undefined ? 'application/json' : 'text/html',
      });
      return void response.end(fault.text ?? JSON.stringify(fault.json));
    }
    const token = refresh(form.get('refresh_token') ?? '');
    if (fault === 'lose') return void response.destroy();
    await new Promise((resolve) => setTimeout(resolve, takes));
    if (token === undefined) return answer(response, 400, { json: { error: 'invalid_grant' } });
    const granted = { access_token: `access-${serial}`, token_type: 'Bearer', expires_in: expiresIn };
    answer(response, 200, {
      json: { ...granted, refresh_token: token, scope: 'a b', id_token: 'not.checked' },
    });
  }

  const server = await serveHttp(async ({ headers, body }, response) => {
    const form = new URLSearchParams(body);
    forms.push(form);
    const basic = `Basic ${Buffer.from(`${CLIENT.clientId}:${CLIENT.clientSecret}`).toString('base64')}`;
    if (headers.authorization !== basic) return answer(response, 401, { json: { error: 'invalid_client' } });
    await handle(form, response);
  });
  const current = (): string | undefined => (dead ? undefined : `refresh-${serial}`);
  return { ...server, tokenUrl: `${server.url}/token`, forms, faults, current };
}
