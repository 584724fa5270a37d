// Deliveries to PostgreSQL: all of a segment or nothing, whatever is cut; readers that never wait; modes and refreshes.
import {
  type ConfiguredCatalog,
  type Message,
  recordMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import destination from '../../destination-looker/index.ts';
import { catalogOf } from '../conformance/destination.ts';
import { writeAll } from '../conformance/in-process.ts';
import { type Instance, livingRows, openInstance } from './instance.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const complete = streamStatusMessage('documents', 'COMPLETE', 1);

/** One document with as many lines as `count`, all of them saying `text`. */
const document = (
  id: string,
  minute: number,
  { text, count = 2, ...fields }: { text: string; count?: number } & Record<string, unknown>,
): Message =>
  recordMessage(
    'documents',
    {
      id,
      at: at(minute),
      total: count,
      ...fields,
      lines: Array.from({ length: count }, () => ({ text, amount: 1 })),
    },
    Date.UTC(2026, 0, 2),
  );

const write = (
  { clock, config }: Instance,
  input: readonly (Message | string)[],
  {
    catalog = catalogOf('append_dedup'),
    ...changes
  }: { catalog?: ConfiguredCatalog } & Record<string, unknown> = {},
) => writeAll(destination, { clock, config: { ...config, ...changes }, input, catalog });

/** What a reader sees: the versions of documents, and the texts of their lines. */
async function seen(instance: Instance): Promise<string> {
  const documents = await livingRows(instance.postgres, 'documents');
  const lines = await livingRows(instance.postgres, 'documents_lines');
  const told = (values: readonly unknown[]) => [...new Set(values.map(String))].sort().join('+');
  return `${documents.length} ${told(documents.map(({ at: when }) => when))} / ${lines.length} ${told(lines.map(({ text }) => text))}`;
}

const versions = (minute: number, text: string) => [
  ...['a', 'b', 'c'].map((id) => document(id, minute, { text })),
  stateMessage('documents', { minute }, 3),
  complete,
];

test.each(['append_dedup', 'overwrite'] as const)(
  'a connection that breaks for good at any statement of %s leaves the old rows or the new ones, and a rerun the new',
  async (mode) => {
    const instance = await openInstance();
    const catalog = catalogOf(mode);
    await write(instance, versions(1, 'old'), { catalog });
    const old = await seen(instance);
    const before = instance.proxy.statements.length;
    await write(instance, versions(2, 'new'), { catalog });
    const count = instance.proxy.statements.length - before;
    const fresh = await seen(instance);
    expect(fresh).not.toBe(old);
    const outcomes = new Set<string>();
    let [last, minute] = [fresh, 3];
    for (let skip = count - 1; skip >= 0; skip -= 2, minute += 1) {
      const text = `text ${minute}`;
      instance.proxy.faults.clear();
      instance.proxy.faults.add({
        skip,
        times: 1_000,
        does: { kind: 'cut', when: skip % 4 ? 'before' : 'after' },
      });
      await write(instance, versions(minute, text), { catalog }).catch(() => undefined);
      instance.proxy.faults.clear();
      const now = await seen(instance);
      const isNew = now.includes(text);
      expect(isNew ? now.split(' / ')[1] : now).toBe(isNew ? `6 ${text}` : last);
      outcomes.add(isNew ? 'new' : 'old');
      await write(instance, versions(minute, text), { catalog });
      last = await seen(instance);
      expect(last.split(' / ')[1]).toBe(`6 ${text}`);
    }
    expect([...outcomes].sort()).toEqual(['new', 'old']);
  },
);

test('an answer to COMMIT that is lost is settled by the sync log: nothing is loaded twice', async () => {
  const instance = await openInstance();
  const catalog = catalogOf('append');
  await write(instance, [document('a', 1, { text: 'x' }), stateMessage('documents', {}, 1), complete], {
    catalog,
  });
  // The first COMMIT of a delivery to tables that are there is its own.
  instance.proxy.faults.add({ path: /COMMIT/, does: { kind: 'cut', when: 'after' } });
  const messages = await write(
    instance,
    [document('b', 2, { text: 'y' }), stateMessage('documents', {}, 1), complete],
    { catalog },
  );
  expect(JSON.stringify(messages)).toContain('is in the sync log: it was committed');
  expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
  expect(await livingRows(instance.postgres, 'documents')).toHaveLength(2);
});

test('an appended batch that comes again is recognised, and comes in again when somebody emptied the table', async () => {
  const instance = await openInstance();
  const catalog = catalogOf('append');
  const input = [document('a', 1, { text: 'x' }), complete];
  await write(instance, input, { catalog });
  await write(instance, input, { catalog });
  expect(await livingRows(instance.postgres, 'documents')).toHaveLength(1);
  await instance.postgres.query('TRUNCATE finance.documents');
  await write(instance, input, { catalog });
  expect(await livingRows(instance.postgres, 'documents')).toHaveLength(1);
});

test('rows that did not change are not written again', async () => {
  const instance = await openInstance();
  await write(instance, versions(1, 'same'));
  const stamps = () => instance.postgres.query('SELECT xmin, * FROM finance.documents ORDER BY id');
  const before = await stamps();
  const messages = await write(instance, versions(1, 'same'));
  expect(await stamps()).toEqual(before);
  const told = messages.flatMap((message) => (message.type === 'LOG' ? [message.log.message] : []));
  const loaded = told.filter((text) => text.includes('"table loaded"')).map((text) => JSON.parse(text));
  expect(loaded).toMatchObject([
    { table: 'documents', rows: 3, inserted: 0, updated: 0, deleted: 0 },
    { table: 'documents_lines', rows: 6, inserted: 0, updated: 0, deleted: 0 },
  ]);
});

test('a query that holds a table keeps a change of its shape out, and no other reader waits for two seconds', async () => {
  const instance = await openInstance();
  await write(instance, versions(1, 'old'));
  const slow = await instance.postgres.client('reader');
  await slow.query('BEGIN');
  await slow.query('SELECT count(*) FROM finance.documents');
  const grown = catalogOf('append_dedup', 'documents', {
    type: 'object',
    properties: { id: { type: 'string' }, at: { type: 'string' }, added: { type: 'string' } },
  });
  let done = false;
  const writing = write(instance, [document('a', 9, { text: 'new', added: 'yes' }), complete], {
    catalog: grown,
  }).finally(() => {
    done = true;
  });
  const other = await instance.postgres.client('reader');
  let longest = 0;
  const began = performance.now();
  while (!done) {
    const asked = performance.now();
    await other.query('SELECT count(*) FROM finance.documents');
    longest = Math.max(longest, performance.now() - asked);
    if (performance.now() - began > 4_000) await slow.query('ROLLBACK');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await writing;
  expect(longest).toBeLessThan(2_000);
  expect(await instance.postgres.query("SELECT added FROM finance.documents WHERE id = 'a'")).toEqual([
    { added: 'yes' },
  ]);
});

test('readers see the whole old table or the whole new one while it is replaced', async () => {
  const instance = await openInstance();
  const catalog = catalogOf('overwrite');
  const rows = (text: string) => [
    ...Array.from({ length: 4_000 }, (_, index) => document(`${text}${index}`, 1, { text, count: 1 })),
    complete,
  ];
  await write(instance, rows('old'), { catalog });
  const counts = new Set<string>();
  let done = false;
  const writing = write(instance, rows('new').slice(1), { catalog }).finally(() => {
    done = true;
  });
  const reader = await instance.postgres.client('reader');
  while (!done) {
    const { rows: found } = await reader.query(
      'SELECT count(*) || left(min(id), 3) || left(max(id), 3) AS seen FROM finance.documents',
    );
    counts.add(String(found[0].seen));
  }
  await writing;
  for (const found of counts) expect(['4000oldold', '3999newnew']).toContain(found);
  expect(await livingRows(instance.postgres, 'documents_lines')).toHaveLength(3_999);
});

test('two runs on the same tables at the same time come one after the other', async () => {
  const instance = await openInstance();
  await write(instance, versions(1, 'old'));
  await Promise.all([write(instance, versions(2, 'second')), write(instance, versions(3, 'third'))]);
  const lines = await livingRows(instance.postgres, 'documents_lines');
  expect([lines.length, new Set(lines.map(({ text }) => text)).size]).toEqual([6, 1]);
  expect(lines[0]?.text).toBe('third');
});

test('a stream that changes from append to append_dedup keeps the newest row of each key, and says so', async () => {
  const instance = await openInstance();
  await write(instance, [document('a', 1, { text: '1' }), document('a', 2, { text: '2' }), complete], {
    catalog: catalogOf('append'),
  });
  const messages = await write(instance, [document('b', 3, { text: '3' }), complete]);
  expect((await livingRows(instance.postgres, 'documents')).map(({ id }) => id).sort()).toEqual(['a', 'b']);
  expect(JSON.stringify(messages)).toContain('only the newest row of each key was kept');
});

test('a hard deletion removes the record and its lines for good', async () => {
  const instance = await openInstance();
  await write(instance, versions(1, 'x'), { deletion: 'hard' });
  const gone = recordMessage('documents', { id: 'b', _ab_cdc_deleted_at: at(9) }, Date.UTC(2026, 0, 3));
  await write(instance, [gone, complete], { deletion: 'hard' });
  const left = await instance.postgres.query(
    'SELECT (SELECT count(*) FROM finance.documents) AS documents, (SELECT count(*) FROM finance.documents_lines) AS lines',
  );
  expect(left).toEqual([{ documents: 2, lines: 4 }]);
});

test('a refresh replaces older generations when it is complete, also by no rows at all', async () => {
  const instance = await openInstance();
  const generation = (number: number): ConfiguredCatalog => ({
    streams: catalogOf('append_dedup').streams.map((stream) => ({
      ...stream,
      generation_id: number,
      minimum_generation_id: number,
    })),
  });
  await write(instance, versions(1, 'old'), { catalog: generation(1) });
  await write(instance, [document('a', 1, { text: 'old' })], { catalog: generation(2) });
  expect(await livingRows(instance.postgres, 'documents')).toHaveLength(3);
  await write(instance, [document('a', 1, { text: 'old' }), complete], { catalog: generation(2) });
  expect(await livingRows(instance.postgres, 'documents')).toHaveLength(1);
  expect(await livingRows(instance.postgres, 'documents_lines')).toHaveLength(2);
  await write(instance, [complete], { catalog: generation(3) });
  expect(await livingRows(instance.postgres, 'documents')).toHaveLength(0);
});

test("Looker's role reads every table and the sync log, and writes none", async () => {
  const instance = await openInstance();
  await write(instance, versions(1, 'x'));
  const reader = await instance.postgres.client('reader');
  for (const table of ['documents', 'documents_lines', 'ledgerpipe_syncs']) {
    await expect(reader.query(`SELECT count(*) FROM finance.${table}`)).resolves.toBeTruthy();
    await expect(reader.query(`DELETE FROM finance.${table}`)).rejects.toThrow(/permission denied/);
  }
  const trigger = async () =>
    (await reader.query('SELECT max(id) FROM finance.ledgerpipe_syncs')).rows[0]?.max;
  const before = Number(await trigger());
  await write(instance, versions(2, 'y'));
  expect(Number(await trigger())).toBeGreaterThan(before);
});

test('what was loaded is read back: one line per table, with counts and a checksum that only keys decide', async () => {
  const instance = await openInstance();
  const proofs = async (input: readonly Message[]) => {
    const messages = await write(instance, input);
    return messages
      .flatMap((message) => (message.type === 'LOG' ? [message.log.message] : []))
      .filter((text) => text.includes('"read back"'))
      .map((text) => JSON.parse(text));
  };
  const [documents, lines] = await proofs(versions(1, 'x'));
  expect(documents).toMatchObject({ table: 'documents', delivered: 3, rows: 3, living: 3 });
  expect(lines).toMatchObject({ table: 'documents_lines', delivered: 6, rows: 6, living: 6 });
  const [again] = await proofs(versions(2, 'y'));
  expect(again.keys).toBe(documents.keys);
  const [more] = await proofs([document('d', 1, { text: 'z' }), complete]);
  expect(more).toMatchObject({ delivered: 1, rows: 4 });
  expect(more.keys).not.toBe(documents.keys);
});

test('a segment without records makes the declared tables once, and no statement for rows', async () => {
  const instance = await openInstance();
  await write(instance, [stateMessage('documents', {}, 0), complete]);
  expect(await livingRows(instance.postgres, 'documents')).toEqual([]);
  expect(instance.proxy.statements.filter((sql) => /COPY|INSERT|DELETE/.test(sql))).toEqual([]);
  const before = instance.proxy.statements.length;
  await write(instance, [stateMessage('documents', {}, 0), complete]);
  expect(instance.proxy.statements.length - before).toBeLessThan(8);
});

test('a first load of many deliveries goes straight in until a key comes again, and then by merge', async () => {
  const instance = await openInstance();
  const many = (from: number, minute: number, text: string) =>
    Array.from({ length: 1_500 }, (_, index) => document(`d${from + index}`, minute, { text, count: 1 }));
  const messages = await write(
    instance,
    [...many(0, 1, 'first'), ...many(1_500, 1, 'first'), ...many(1_000, 2, 'again'), complete],
    { segment_megabytes: 1 },
  );
  const lines = await livingRows(instance.postgres, 'documents_lines');
  const count = (text: string) => lines.filter((line) => line.text === text).length;
  expect([lines.length, count('first'), count('again')]).toEqual([3_000, 1_500, 1_500]);
  expect(await livingRows(instance.postgres, 'documents')).toHaveLength(3_000);
  const told = messages.flatMap((message) => (message.type === 'LOG' ? [message.log.message] : []));
  const loads = told
    .filter((text) => text.includes('"table":"documents",') && text.includes('"table loaded"'))
    .map((text) => JSON.parse(text));
  expect(loads.length).toBeGreaterThan(1);
  expect(loads.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(3_000);
  expect(loads.reduce((sum, { updated }) => sum + updated, 0)).toBeGreaterThan(0);
  const copies = instance.proxy.statements.filter((sql) => sql.startsWith('COPY "finance"."documents" '));
  expect(copies.length).toBeGreaterThan(1);
});
