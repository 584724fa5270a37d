// Refusals and failures in all the shapes Databricks gives them, read and retold.
import type { HttpRequest, HttpResponse } from '@airbyte/cdk-typescript-shim/kit';
import { expect, test } from 'vitest';
import { explainRefusal, grantRemedy, readRefusal, tokenRefused } from '../../databricks/api/errors.ts';
import type { StatementFailure } from '../../databricks/api/statements.ts';
import { workspaceUrl } from '../../databricks/api.ts';
import { explainFailure, remedyOf } from '../../databricks/execute.ts';

const answer = (status: number, body: string): HttpResponse => ({
  status,
  headers: {},
  body: Buffer.from(body),
  text: () => body,
  json: () => JSON.parse(body),
});

const request: HttpRequest = { method: 'GET', url: 'https://x', purpose: 'load rows' };

test.each([
  [403, '{"error_code":403,"message":"Invalid access token."}', '403', 'Invalid access token.'],
  [
    404,
    '{"error_code":"NOT_FOUND","message":"Volume \'c.s.v\' does not exist."}',
    'NOT_FOUND',
    "Volume 'c.s.v' does not exist.",
  ],
  [
    401,
    '{"error":"invalid_client","error_description":"Client authentication failed"}',
    'invalid_client',
    'Client authentication failed',
  ],
  [503, '<html><pre>Service down</pre></html>', '503', 'Service down'],
  [400, 'INVALID_STATE: not now', 'INVALID_STATE', 'not now'],
  [500, '', '500', ''],
])('a %i of %s is read', (status, body, code, message) => {
  expect(readRefusal(answer(status, body))).toEqual({ code, message });
});

test('a refused token is told from a refused action', () => {
  expect(tokenRefused(answer(403, '{"error_code":403,"message":"Invalid access token."}'))).toBe(true);
  expect(tokenRefused(answer(401, ''))).toBe(true);
  expect(
    tokenRefused(answer(403, '{"error_code":"PERMISSION_DENIED","message":"User does not have USE SCHEMA"}')),
  ).toBe(false);
});

test.each([
  [400, 'config', /Cannot load rows: Databricks said "no", check the settings/],
  [403, 'config', /Databricks said "no", ask the owner to grant/],
  [404, 'config', /check its name in the settings/],
  [409, 'transient', /Cannot load rows: Databricks said "no"/],
])('a %i is %s', (status, kind, message) => {
  const error = explainRefusal(answer(status, '{"error_code":"X","message":"no."}'), request);
  expect(error).toMatchObject({ kind, status, message: expect.stringMatching(message) });
});

test.each([429, 500, 503])('a %i is left to the kit, for time may mend it', (status) => {
  expect(explainRefusal(answer(status, ''), request)).toBeUndefined();
});

test('a missing privilege is turned into the statement that grants it', () => {
  expect(grantRemedy("User does not have CREATE TABLE on Schema 'main.my-schema'.")).toBe(
    'ask its owner to run: GRANT CREATE TABLE ON SCHEMA `main`.`my-schema` TO the principal that signs in',
  );
});

const failure = (about: Partial<StatementFailure>): StatementFailure => ({
  id: '01f',
  errorClass: '',
  sqlState: '',
  code: 'BAD_REQUEST',
  message: '',
  ...about,
});

test.each([
  [{ errorClass: 'DELTA_CONCURRENT_APPEND' }, 'again'],
  [{ sqlState: '2D521' }, 'again'],
  [{ code: 'TEMPORARILY_UNAVAILABLE' }, 'again'],
  [{ errorClass: 'TABLE_OR_VIEW_ALREADY_EXISTS' }, 'present'],
  [{ sqlState: '42710' }, 'present'],
  [{ errorClass: 'TABLE_OR_VIEW_NOT_FOUND' }, 'replan'],
  [{ errorClass: 'UNRESOLVED_COLUMN.WITH_SUGGESTION', sqlState: '42703' }, 'replan'],
  [{ errorClass: 'DELTA_MERGE_INCOMPATIBLE_DATATYPE' }, 'replan'],
  [{ errorClass: 'PATH_NOT_FOUND', sqlState: '42K03' }, 'restage'],
  [{ errorClass: 'PARSE_SYNTAX_ERROR', sqlState: '42601' }, 'none'],
] as const)('%j asks for: %s', (about, remedy) => {
  expect(remedyOf(failure(about))).toBe(remedy);
});

test('a failed statement is retold without its class, its state and its text', () => {
  const message =
    "[INSUFFICIENT_PERMISSIONS] User does not have MODIFY on Table 'c.s.t'. SQLSTATE: 42501 (line 1)\n\n== SQL ==\nMERGE";
  const error = explainFailure(
    failure({ errorClass: 'INSUFFICIENT_PERMISSIONS', sqlState: '42501', message }),
    'load table "t"',
  );
  expect(error.kind).toBe('config');
  expect(error.message).toBe(
    'Cannot load table "t": Databricks said "User does not have MODIFY on Table \'c.s.t\'", ask its owner to run: GRANT MODIFY ON TABLE `c`.`s`.`t` TO the principal that signs in',
  );
  expect(error.detail).toContain('01f');
});

test.each([
  [{ code: 'CANCELED', message: 'x' }, 'transient', /somebody cancelled/],
  [{ errorClass: 'SCHEMA_NOT_FOUND', sqlState: '42704', message: 'x' }, 'config', /"catalog" and "schema"/],
  [{ errorClass: 'PARSE_SYNTAX_ERROR', sqlState: '42601', message: 'x' }, 'system', /report it/],
] as const)('%j is %s', (about, kind, message) => {
  expect(explainFailure(failure(about), 'work')).toMatchObject({
    kind,
    message: expect.stringMatching(message),
  });
});

test.each([
  ['adb-1.7.azuredatabricks.net', 'https://adb-1.7.azuredatabricks.net'],
  ['https://dbc-1.cloud.databricks.com/?o=1', 'https://dbc-1.cloud.databricks.com'],
  [' dbc-1.cloud.databricks.com/ ', 'https://dbc-1.cloud.databricks.com'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
])('host %s is reached at %s', (host, url) => {
  expect(workspaceUrl(host)).toBe(url);
});
