// Judges what goes to and comes from Xero's identity service by xero-identity.yaml, and by OAuth where that is silent.
import type { LoggedRequest } from '../emulators/emulator.ts';
import { bodyOf } from './bodies.ts';
import type { Finding } from './findings.ts';
import { lookUp, matching, readDocument } from './openapi.ts';
import { judgeRequest } from './openapi-requests.ts';
import { contractOf, type Exchange } from './xero-contract.ts';

const FILE = 'xero-identity.yaml';
const identity = () => contractOf(FILE);

/** The paths of the two addresses that the document names for the consent flow. */
export function flow(): { readonly authorize: string; readonly token: string } {
  const at = '#/components/securitySchemes/OAuth2/flows/authorizationCode';
  const path = (name: string) => new URL(String(lookUp(readDocument(FILE), `${at}/${name}`))).pathname;
  return { authorize: path('authorizationUrl'), token: path('tokenUrl') };
}

/** A request outside the Accounting API, and its answer. */
export function judgeIdentity(logged: LoggedRequest): Exchange {
  const { pathname } = logged.url;
  if (pathname === flow().token) return judgeToken(logged);
  if (pathname === flow().authorize) return { request: judgeAuthorize(logged), answer: [] };
  return judgeConnections(logged);
}

function judgeConnections(logged: LoggedRequest): Exchange {
  const { operations, judge } = identity();
  const { method, url, headers } = logged;
  const path = url.pathname.replace(/^\/connections/, '/Connections');
  const lower =
    path === url.pathname
      ? []
      : [{ on: path, place: 'request', problem: 'path in lower case', detail: path }];
  const { operation, findings } = judgeRequest(operations, {
    ...{ method, path, headers },
    query: url.searchParams,
  });
  const request = [...lower, ...findings];
  if (logged.status !== 200 || !operation?.answer) return { request, answer: [] };
  return { request, answer: judge(operation.path, operation.answer, bodyOf(logged)) };
}

/** The findings in the document's own example of the connections, which is a text. */
export function judgeExample(): readonly Finding[] {
  const { operations, judge } = identity();
  const [match] = matching(operations, { method: 'GET', path: '/Connections' });
  if (!match?.operation.answer) throw new Error('The document has no list of connections');
  const { path, answer, example } = match.operation;
  return judge(path, answer, JSON.parse(String(example)));
}

/** What each grant sends beside the client's own proof: RFC 6749 sections 4.1.3, 4.4.2 and 6, RFC 7636 section 4.5. */
const GRANTS: Readonly<
  Record<string, { readonly needs: readonly string[]; readonly may: readonly string[] }>
> = {
  authorization_code: { needs: ['code', 'redirect_uri'], may: ['code_verifier'] },
  refresh_token: { needs: ['refresh_token'], may: [] },
  client_credentials: { needs: [], may: ['scope'] },
};

function judgeToken(logged: LoggedRequest): Exchange {
  const on = flow().token;
  const { judge } = identity();
  const form = new URLSearchParams(logged.body.toString('utf8'));
  const grant = form.get('grant_type') ?? '';
  const { needs, may } = GRANTS[grant] ?? { needs: ['grant_type known to OAuth'], may: [] };
  const byHeader = /^Basic \S+$/.test(logged.headers.authorization ?? '');
  const needed = [...needs, ...(byHeader ? [] : ['client_id'])];
  const allowed = ['grant_type', ...needed, ...may];
  const names = [...form.keys()];
  const request = [
    ...finding(on, 'request', logged.method === 'POST' ? [] : [logged.method]),
    ...finding(on, 'header content-type', isForm(logged) ? [] : [String(logged.headers['content-type'])]),
    ...finding(
      on,
      'form',
      needed.filter((name) => !form.get(name)).map((name) => `no ${name}`),
    ),
    ...finding(
      on,
      'form',
      names.filter((name) => !allowed.includes(name) || form.getAll(name).length > 1),
    ),
    ...(grant === 'refresh_token'
      ? judge(on, '#/components/schemas/RefreshToken', Object.fromEntries(form))
      : []),
  ];
  if (logged.status !== 200) return { request, answer: [] };
  return { request, answer: judge(on, '#/components/schemas/AccessToken', bodyOf(logged)) };
}

const isForm = ({ headers }: LoggedRequest): boolean =>
  /^application\/x-www-form-urlencoded(;|$)/.test(headers['content-type'] ?? '');

const finding = (on: string, place: string, problems: readonly string[]): readonly Finding[] =>
  problems.map((problem) => ({ on, place, problem, detail: 'OAuth' }));

/** https://developer.xero.com/documentation/guides/oauth2/auth-flow and /pkce-flow; a source asks for reading alone. */
const AUTHORIZE: Readonly<Record<string, RegExp>> = {
  response_type: /^code$/,
  client_id: /^\S+$/,
  redirect_uri: /^(https:\/\/|http:\/\/localhost[:/])/,
  scope: /^((accounting\.[a-z.]+\.read|offline_access)( |$))+$/,
  state: /^\S{16,}$/,
};
const PKCE: typeof AUTHORIZE = { code_challenge: /^[\w-]{43}$/, code_challenge_method: /^S256$/ };

function judgeAuthorize({ method, url }: LoggedRequest): readonly Finding[] {
  const on = flow().authorize;
  const given = url.searchParams;
  const wanted = given.has('code_challenge') ? { ...AUTHORIZE, ...PKCE } : AUTHORIZE;
  const wrong = Object.entries(wanted).flatMap(([name, pattern]) =>
    pattern.test(given.get(name) ?? '') ? [] : [`${name} is "${given.get(name)}"`],
  );
  const unknown = [...given.keys()].filter((name) => !(name in wanted));
  return [
    ...finding(on, 'request', method === 'GET' ? [] : [method]),
    ...finding(on, 'query', [...wrong, ...unknown]),
  ];
}
