// What must hold: the published rows equal the books after creation, many runs, a replace, crashes and lost answers.
import type { Message } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';
import { gatewayTimeout } from '../emulators/tableau/index.ts';
import { audited, catalog, complete, gone, type Office, openOffice, row, state, statesIn } from './office.ts';

const invoices = catalog({
  invoices: {
    properties: {
      id: { type: 'string' },
      total: { type: ['null', 'number'], 'x-role': 'amount' },
      lines: {
        type: ['null', 'array'],
        items: {
          type: 'object',
          properties: { text: { type: 'string' }, amount: { type: 'number', 'x-role': 'amount' } },
        },
      },
    },
  },
});

interface Invoice {
  readonly total: number;
  readonly lines: readonly { readonly text: string; readonly amount: number }[];
}

type Books = Map<string, Invoice>;

const invoice = (seed: number): Invoice => ({
  total: seed + 0.25,
  lines: Array.from({ length: seed % 4 }, (_, index) => ({
    text: `line ${seed}.${index}`,
    amount: seed / 4 + index,
  })),
});

const record = (id: string, { total, lines }: Invoice): Message => row('invoices', { id, total, lines });

/** The published figures, as the books have them. */
async function published({ emulator }: Office): Promise<unknown> {
  const heads = await emulator.rows('invoices', 'invoices', 'SELECT "id", "total" FROM {table} ORDER BY 1');
  const lines = await emulator.rows(
    'invoices',
    'invoices_lines',
    'SELECT "id", "_position" AS position, "text", "amount" FROM {table} ORDER BY 1, 2',
  );
  return [
    heads.map(({ id, total }) => [id, Number(total)]),
    lines.map(({ id, position, text, amount }) => [id, Number(position), text, Number(amount)]),
  ];
}

function expected(books: Books): unknown {
  const ordered = [...books].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    ordered.map(([id, { total }]) => [id, total]),
    ordered.flatMap(([id, { lines }]) =>
      lines.map(({ text, amount }, position) => [id, position, text, amount]),
    ),
  ];
}

test('the published rows equal the books after creation and 20 runs with edits and deletions, and a replace', async () => {
  const office = await openOffice();
  const books: Books = new Map();
  const first: Message[] = [];
  for (let number = 0; number < 40; number += 1) {
    const id = `INV-${String(number).padStart(4, '0')}`;
    books.set(id, invoice(number));
    first.push(record(id, invoice(number)));
  }
  await office.write([...first, state('invoices', 0), complete('invoices')], invoices);
  expect(await published(office)).toEqual(expected(books));
  office.emulator.addCalculatedField('invoices', 'Margin');
  office.newJobs();
  for (let run = 1; run <= 20; run += 1) {
    const input: Message[] = [];
    for (const [index, id] of [...books.keys()].entries()) {
      if ((index + run) % 9 === 0) {
        books.delete(id);
        input.push(gone('invoices', { id }));
      } else if ((index * 7 + run) % 5 === 0) {
        const edited = invoice(index + run * 3);
        books.set(id, edited);
        input.push(record(id, edited));
      }
    }
    const fresh = `NEW-${String(run).padStart(2, '0')}`;
    books.set(fresh, invoice(run));
    input.push(record(fresh, invoice(run)));
    const messages = await office.write([...input, state('invoices', run), complete('invoices')], invoices);
    expect(statesIn(messages)).toBe(1);
    expect(office.newJobs()).toEqual(['update']);
  }
  expect(await published(office)).toEqual(expected(books));

  const replaced = catalog({
    invoices: {
      properties: invoices.streams[0]?.stream.json_schema.properties as Record<string, unknown>,
      mode: 'overwrite',
    },
  });
  books.clear();
  for (let number = 0; number < 12; number += 1)
    books.set(`R-${String(number).padStart(2, '0')}`, invoice(number));
  await office.write([...[...books].map(([id, one]) => record(id, one)), complete('invoices')], replaced);
  expect(office.newJobs()).toEqual(['update']);
  expect(await published(office)).toEqual(expected(books));
  const [source] = office.emulator.sources();
  expect(source).toMatchObject({ calculatedFields: ['Margin'], revisions: 1 });
  expect(office.emulator.signIns()).toHaveLength(22);
  expect(office.emulator.sessions.live).toBe(0);
});

test('a crash between the update and the end of its job neither loses nor doubles rows, in any mode', async () => {
  for (const mode of ['append', 'append_dedup', 'overwrite'] as const) {
    const office = await openOffice();
    const streams = catalog({
      notes: { properties: { id: { type: 'string' }, text: { type: 'string' } }, mode },
    });
    const input = [row('notes', { id: 'a', text: 'one' }), state('notes', 1), complete('notes')];
    const later = [row('notes', { id: 'b', text: 'two' }), state('notes', 2), complete('notes')];
    await office.write(input, streams);
    // The answer about the job never comes: the process is gone, the job goes on.
    office.emulator.faults.add({
      method: 'GET',
      path: /\/jobs\//,
      times: 50,
      does: { kind: 'cut', when: 'before' },
    });
    await expect(office.write(later, streams)).rejects.toThrow(/ask for job/);
    office.emulator.faults.clear();
    await office.emulator.jobs.idle();
    const messages = await office.write(later, streams);
    expect(statesIn(messages)).toBe(1);
    const rows = await office.emulator.rows('notes', 'notes', 'SELECT "id" FROM {table} ORDER BY 1');
    expect(rows.map(({ id }) => id)).toEqual(mode === 'overwrite' ? ['b'] : ['a', 'b']);
  }
}, 60_000);

test('a repetition while the first request is under way has its RequestID, and is carried out once', async () => {
  const office = await openOffice({ pace: { run: 3_000 } });
  const streams = catalog({ notes: { properties: { id: { type: 'string' } }, mode: 'append' } });
  await office.write([row('notes', { id: 'a' }), complete('notes')], streams);
  office.newJobs();
  // The first request is carried out, its answer is lost.
  office.emulator.faults.add({ method: 'PATCH', does: { kind: 'cut', when: 'after' } });
  const messages = await office.write(
    [row('notes', { id: 'b' }), state('notes', 1), complete('notes')],
    streams,
  );
  expect(office.newJobs()).toEqual(['update']);
  const ids = office.emulator.requests
    .filter(({ method }) => method === 'PATCH')
    .map(({ headers }) => headers.requestid);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
  expect(audited(messages).at(-1)).toMatchObject({ outcome: 'done', request_id: ids[0], finish_code: 0 });
});

test('a conflict instead of the first job is taken as such: the batch goes again under a new RequestID', async () => {
  const office = await openOffice({ switches: { duplicateRequest: 'conflict' } });
  const streams = catalog({ notes: { properties: { id: { type: 'string' } }, mode: 'append' } });
  await office.write([row('notes', { id: 'a' }), complete('notes')], streams);
  office.emulator.faults.add({ method: 'PATCH', does: { kind: 'cut', when: 'after' } });
  const messages = await office.write(
    [row('notes', { id: 'b' }), state('notes', 1), complete('notes')],
    streams,
  );
  expect(statesIn(messages)).toBe(1);
  const rows = await office.emulator.rows('notes', 'notes', 'SELECT "id" FROM {table} ORDER BY 1');
  expect(rows).toEqual([{ id: 'a' }, { id: 'b' }]);
});

test('rows that change and change back within a day are not taken for duplicates', async () => {
  const office = await openOffice();
  const streams = catalog({
    notes: { properties: { id: { type: 'string' }, text: { type: 'string' } }, mode: 'overwrite' },
  });
  const one = [row('notes', { id: 'a', text: 'one' }), complete('notes')];
  const two = [row('notes', { id: 'a', text: 'two' }), complete('notes')];
  for (const input of [one, two, one]) {
    await office.write(input, streams);
    office.clock.advance(2_000);
  }
  await office.write(two, streams);
  office.clock.advance(2_000);
  await office.write(one, streams);
  expect(await office.emulator.rows('notes', 'notes', 'SELECT "text" FROM {table}')).toEqual([
    { text: 'one' },
  ]);
});

test('a 504 after a publish that succeeded is seen through: the source is published once', async () => {
  const office = await openOffice();
  office.emulator.lose({ method: 'POST', path: /\/datasources\?/, answer: gatewayTimeout });
  const messages = await office.write(
    [record('a', invoice(3)), record('b', invoice(2)), state('invoices', 1), complete('invoices')],
    invoices,
  );
  expect(statesIn(messages)).toBe(1);
  expect(office.newJobs()).toEqual(['publish']);
  expect(office.emulator.sources()).toMatchObject([{ name: 'invoices', revisions: 1 }]);
  expect(await published(office)).toEqual(
    expected(
      new Map([
        ['a', invoice(3)],
        ['b', invoice(2)],
      ]),
    ),
  );
  expect(audited(messages)[0]).toMatchObject({ event: 'data source published', outcome: 'unconfirmed' });
});

test('a 504 before a publish that never happened leads to a second one', async () => {
  const office = await openOffice();
  office.emulator.faults.add({
    method: 'POST',
    path: /\/datasources\?/,
    does: { kind: 'answer', status: 504 },
  });
  const messages = await office.write(
    [record('a', invoice(3)), state('invoices', 1), complete('invoices')],
    invoices,
  );
  expect(statesIn(messages)).toBe(1);
  expect(office.newJobs()).toEqual(['publish']);
  expect(await published(office)).toEqual(expected(new Map([['a', invoice(3)]])));
});
