// Every answer of the Looker emulator is what the official document of API 4.0 says, refusals included.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { assemble } from '../emulators/looker/assemble.ts';
import { PROJECT, setUp } from '../emulators-tests/looker-setup.ts';
import { expectNone } from './findings.ts';
import { contract, judgeAnswer, placeOf, ROOT } from './looker-contract.ts';
import { changeAll, developAll, queryAll, readAll } from './looker-sweep.ts';
import { lookUp } from './openapi.ts';
import { contractTest } from './specs.ts';

contractTest('every answer has a declared status and the fields of its schema', async () => {
  const { looker, call, clock, login } = await setUp();
  await looker.publish('ledgerpipe', PROJECT);
  await readAll(call);
  await queryAll(call);
  await changeAll(call, Math.floor(clock.now() / 1000));
  await developAll(call);
  looker.expireTokens();
  await call('GET', 'user');
  await login();
  await call('DELETE', 'logout');
  const requests = looker.requests.filter(({ url }) => url.pathname.startsWith(ROOT));
  expectNone(requests.flatMap(judgeAnswer));
  const statuses = new Set(requests.map(({ status }) => status));
  expect([...statuses].sort()).toEqual([200, 204, 400, 401, 404, 405, 409, 422]);
});

contractTest('every route is in the document, and costs what the document says', async () => {
  const { postgres, clock } = await setUp();
  const folder = await mkdtemp(join(tmpdir(), 'looker-contract-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { routes } = await assemble({ postgres, clock }, folder);
  const { operations, document } = contract();
  const known = new Map(
    operations.map((operation) => {
      const key = `${operation.method} ${operation.path.replace(/\{[^}]+\}/g, '*')}`;
      const { 'x-looker-activity-type': activity } = lookUp(document, placeOf(operation)) as Record<
        string,
        unknown
      >;
      return [key, activity];
    }),
  );
  const wrong = Object.entries(routes).flatMap(([key, { activity }]) =>
    known.get(key) === activity ? [] : [`${key}: ${activity} instead of ${String(known.get(key))}`],
  );
  expect(wrong).toEqual([]);
});

contractTest('a missing permission answers 403 only where the document lists it', async () => {
  const { postgres, clock } = await setUp();
  const folder = await mkdtemp(join(tmpdir(), 'looker-contract-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { routes } = await assemble({ postgres, clock }, folder);
  const { operations, document } = contract();
  const wrong = operations.flatMap((operation) => {
    const route = routes[`${operation.method} ${operation.path.replace(/\{[^}]+\}/g, '*')}`];
    const lists = lookUp(document, `${placeOf(operation)}/responses/403`) !== undefined;
    return route?.denied === 403 && !lists ? [`${operation.method} ${operation.path}`] : [];
  });
  expect(wrong).toEqual([]);
});
