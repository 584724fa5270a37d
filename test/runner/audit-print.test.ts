// The trail as it is printed, and points in time as people give them.
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type AuditFormat, printAudit } from '../../runner/run/audit/print.ts';
import { sinceOf } from '../../runner/run/audit/since.ts';
import type { AuditRow } from '../../runner/store/index.ts';

const rows: readonly AuditRow[] = [
  {
    pipeline: 'a',
    tenant: 't',
    stream: 'invoices',
    key: '1',
    document: '=INV "1", x',
    hash: '00',
    job: 3,
    attempt: 1,
    receipt: 'statement 01ef',
    outcome: 'delivered',
    readAt: 0,
    deliveredAt: 1_000,
  },
  {
    pipeline: 'a',
    tenant: 't',
    stream: 'bills',
    key: '2',
    hash: '00',
    job: 3,
    attempt: 1,
    outcome: 'failed',
    readAt: 0,
  },
];

async function printed(format: AuditFormat, these = rows): Promise<string> {
  async function* found() {
    yield* these;
  }
  const to = new PassThrough({ highWaterMark: 16 });
  const whole = text(to);
  expect(await printAudit(found(), { format, to })).toBe(these.length);
  to.end();
  return await whole;
}

test('JSON is an array with every field, in ISO times', async () => {
  const [first, second] = JSON.parse(await printed('json')) as readonly Record<string, unknown>[];
  expect(first).toMatchObject({
    key: '1',
    job: 3,
    read_at: '1970-01-01T00:00:00.000Z',
    delivered_at: '1970-01-01T00:00:01.000Z',
  });
  expect(second).toMatchObject({ key: '2', document: null, receipt: null, delivered_at: null });
  expect(
    (await printed('jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([first, second]);
  expect(JSON.parse(await printed('json', []))).toEqual([]);
});

test('CSV quotes what must be, and no cell is a formula', async () => {
  const [head, first, second, end] = (await printed('csv')).split('\r\n');
  expect(head).toMatch(/^pipeline,tenant,stream,key,document,hash,/);
  expect(first).toContain(`a,t,invoices,1,"'=INV ""1"", x",00,`);
  expect(second?.split(',')).toHaveLength(head?.split(',').length ?? 0);
  expect(end).toBe('');
});

test('the table shows what people know a record by', async () => {
  const table = await printed('table');
  expect(table).toContain('=INV "1", x');
  expect(table).toMatch(/failed +│ bills +│ 2/);
  expect(await printed('table', [])).toBe('');
});

test.each([
  ['90m', 10_000_000 - 5_400_000],
  ['2h', 10_000_000 - 7_200_000],
  ['1970-01-02', 86_400_000],
  ['1970-01-01T01:00', 3_600_000],
  ['1970-01-01T01:00:00+01:00', 0],
  ['yesterday', undefined],
  ['1970-13-01', undefined],
])('since %s', (given, time) => {
  expect(sinceOf(given, 10_000_000)).toBe(time);
});
