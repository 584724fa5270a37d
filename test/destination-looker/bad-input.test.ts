// Bad input: rows, names and places that PostgreSQL or Looker refuse end as a harmless value or a clear error.
import { type Message, recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import destination from '../../destination-looker/index.ts';
import { catalogOf } from '../conformance/destination.ts';
import { contextOf, writeAll } from '../conformance/in-process.ts';
import { type Instance, livingRows, openInstance } from './instance.ts';

const complete = streamStatusMessage('documents', 'COMPLETE', 1);
const hostile = "{{ 7 }}'; DROP TABLE x; --";

const write = (
  { clock, config }: Instance,
  input: readonly (Message | string)[],
  { schema, warehouse }: { schema?: object; warehouse?: object } = {},
) =>
  writeAll(destination, {
    clock,
    config: { ...config, names: 'original', warehouse: { ...config.warehouse, ...warehouse } },
    input: [...input, stateMessage('documents', {}, 1), complete],
    catalog: catalogOf('append_dedup', 'documents', schema),
  });

test('a field, an array and values of a hostile name become a column, a table and values', async () => {
  const instance = await openInstance();
  const schema = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      [hostile]: { type: 'string' },
      [`${hostile} rows`]: {
        type: 'array',
        items: { type: 'object', properties: { '"; --': { type: 'string' } } },
      },
    },
  };
  const record = recordMessage(
    'documents',
    { id: hostile, [hostile]: hostile, [`${hostile} rows`]: [{ '"; --': `$\{x}` }] },
    1,
  );
  await write(instance, [record], { schema });
  expect(await livingRows(instance.postgres, 'documents')).toEqual([{ id: hostile, [hostile]: hostile }]);
  const [child] = await livingRows(instance.postgres, `documents_${hostile.replaceAll('"', '""')} rows`);
  expect(child).toEqual({ id: hostile, '"; --': `$\{x}` });
});

test('NUL in a text, in JSON and in a key is left out, and nothing else is', async () => {
  const instance = await openInstance();
  const schema = {
    type: 'object',
    properties: { id: { type: 'string' }, text: { type: 'string' }, free: { type: 'object' } },
  };
  await write(
    instance,
    [
      recordMessage(
        'documents',
        { id: 'a', text: 'x\u0000y', free: { k: 'p\u0000q', literal: '\\u0000' } },
        1,
      ),
      recordMessage('documents', { id: 'b', text: 'plain', free: { k: 'r' } }, 1),
    ],
    { schema },
  );
  expect(await livingRows(instance.postgres, 'documents')).toEqual([
    { id: 'a', text: 'xy', free: { k: 'pq', literal: '\\u0000' } },
    { id: 'b', text: 'plain', free: { k: 'r' } },
  ]);
});

test('a date outside the calendar of PostgreSQL becomes NULL with a note, the other rows arrive', async () => {
  const instance = await openInstance();
  const schema = {
    type: 'object',
    properties: { id: { type: 'string' }, day: { type: 'string', format: 'date' } },
  };
  await write(
    instance,
    [
      recordMessage('documents', { id: 'a', day: '0000-01-01' }, 1),
      recordMessage('documents', { id: 'b', day: '2024-02-29' }, 1),
    ],
    { schema },
  );
  const rows = await instance.postgres.query(
    `SELECT id, CAST(day AS text) AS day, _airbyte_meta #>> '{changes,0,field}' AS noted FROM finance.documents ORDER BY id`,
  );
  expect(rows).toEqual([
    { id: 'a', day: null, noted: 'day' },
    { id: 'b', day: '2024-02-29', noted: null },
  ]);
});

test('a value that a column of somebody else cannot hold becomes NULL with a note, and a short one grows', async () => {
  const instance = await openInstance();
  const writer = await instance.postgres.client('writer');
  await writer.query('CREATE SCHEMA finance');
  await writer.query('CREATE TABLE finance.documents (id text PRIMARY KEY, total boolean, name varchar(3))');
  const schema = {
    type: 'object',
    properties: { id: { type: 'string' }, total: { type: 'number' }, name: { type: 'string' } },
  };
  await write(
    instance,
    [
      recordMessage('documents', { id: 'a', total: 1.5, name: 'abc' }, 1),
      recordMessage('documents', { id: 'b', total: 2.5, name: 'abcd' }, 1),
    ],
    { schema },
  );
  const rows = await instance.postgres.query(
    "SELECT id, total, name, (SELECT count(*) FROM jsonb_array_elements(_airbyte_meta -> 'changes')) AS notes FROM finance.documents ORDER BY id",
  );
  expect(rows).toMatchObject([
    { id: 'a', total: null, name: 'abc' },
    { id: 'b', total: null, name: 'abcd' },
  ]);
  expect(rows.map(({ notes }) => Number(notes))).toEqual([1, 1]);
});

const record = recordMessage('documents', { id: 'a', at: '2026-01-01T00:00:00Z' }, 1);

test('a role that may not make the schema is told what to grant, by check and by write', async () => {
  const instance = await openInstance();
  const reader = instance.postgres.reader;
  const refused = {
    kind: 'config',
    message: expect.stringMatching(/permission denied.*CREATE on the database or schema/),
  };
  await expect(write(instance, [record], { warehouse: reader })).rejects.toMatchObject(refused);
  const config = { ...instance.config, warehouse: { ...instance.config.warehouse, ...reader } };
  const result = await destination.check(await contextOf(destination, { config, clock: instance.clock }, []));
  expect(result).toMatchObject({
    ok: false,
    message: expect.stringMatching(/make schema "finance".*permission denied/),
  });
});

test('a session that is read-only is refused with the reason', async () => {
  const instance = await openInstance();
  await instance.postgres.query(
    `ALTER ROLE ${instance.postgres.writer.user} SET default_transaction_read_only = on`,
  );
  await expect(write(instance, [record])).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/read-only: give the primary server/),
  });
});

test('a view in the place of a table is refused by name', async () => {
  const instance = await openInstance();
  const writer = await instance.postgres.client('writer');
  await writer.query('CREATE SCHEMA finance');
  await writer.query('CREATE VIEW finance.documents AS SELECT 1 AS id');
  await expect(write(instance, [record])).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(
      /Cannot write table "finance.documents": a view or foreign table has that name/,
    ),
  });
});

test('key columns that would lose values are refused before a row is sent', async () => {
  const instance = await openInstance();
  const writer = await instance.postgres.client('writer');
  await writer.query('CREATE SCHEMA finance');
  await writer.query('CREATE TABLE finance.documents (id bigint PRIMARY KEY)');
  await expect(write(instance, [record])).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/its key column "id" is bigint but the stream's keys are text/),
  });
});

test('a role of Looker that is not there is named', async () => {
  const instance = await openInstance();
  await expect(write(instance, [record], { warehouse: { reader: 'nobody_here' } })).rejects.toMatchObject({
    kind: 'config',
    message: expect.stringMatching(/nobody_here.*check "warehouse.reader"/),
  });
});

test('a server that is not there is a failure that may pass, and says where it was looked for', async () => {
  const instance = await openInstance();
  await expect(write(instance, [record], { warehouse: { port: 1 } })).rejects.toMatchObject({
    message: expect.stringMatching(/nothing listens there: check "warehouse.host" and "warehouse.port"/),
  });
});
