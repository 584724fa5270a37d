// Money and numbers at large: no digit is lost, at any length that 38 digits can hold.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteNumerals, scanNumerals } from '../../staging/digits.ts';
import { declaration, declare, query, type Rows, records, stage, temporaryFolder } from './feed.ts';

const amounts = declaration('amounts', { id: { type: 'integer' }, amount: { type: 'number' } });

/** A decimal numeral as written, in one of its notations. */
const decimal = (wholeDigits: number, fractionDigits: number): fc.Arbitrary<string> =>
  fc
    .record({
      sign: fc.constantFrom('', '-'),
      whole: fc.stringMatching(new RegExp(`^[1-9][0-9]{0,${wholeDigits - 1}}$`)),
      fraction: fc.stringMatching(new RegExp(`^[0-9]{0,${fractionDigits}}$`)),
    })
    .map(({ sign, whole, fraction }) => `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`);

/** One text for equal decimals: no zeros at either end. */
function canonical(numeral: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(numeral) ?? [];
  const text = `${whole || '0'}${fraction === '' ? '' : `.${fraction}`}`;
  return text === '0' ? '0' : `${sign}${text}`;
}

/** The amounts as staging gives them in batches, and as a Parquet reader finds them. */
async function through(numerals: readonly string[], write: (numeral: string) => string) {
  const folder = await temporaryFolder();
  let read: Rows = [];
  const data = numerals.map((numeral, id) => `{"id":${id},"amount":${write(numeral)}}`);
  const { rows } = await stage([declare(amounts), records('amounts', data)], {
    inspect: async ({ tables }) => {
      const files = (await tables[0]?.write(folder, { format: 'parquet' })) ?? [];
      const paths = files.map(({ path }) => `'${path}'`).join(', ');
      read = await query(
        `SELECT CAST(amount AS VARCHAR) AS amount FROM read_parquet([${paths}]) ORDER BY id`,
      );
    },
  });
  return { batches: rows('amounts').map(({ amount }) => amount), parquet: read.map(({ amount }) => amount) };
}

test.each([
  ['numbers', (numeral: string) => numeral],
  ['texts', (numeral: string) => `"${numeral}"`],
])('decimals of any length come out as they went in, as %s', async (_, write) => {
  const ordinary = decimal(11, 4);
  const long = fc.oneof(decimal(14, 4), decimal(20, 9), decimal(24, 14), decimal(2, 14));
  await fc.assert(
    fc.asyncProperty(
      fc.array(ordinary, { minLength: 1, maxLength: 20 }),
      fc.array(long, { maxLength: 8 }),
      async (few, many) => {
        const numerals = [...few, ...many];
        const { batches, parquet } = await through(numerals, write);
        expect(batches.map((text) => canonical(String(text)))).toEqual(numerals.map(canonical));
        expect(parquet).toEqual(batches);
      },
    ),
    { numRuns: 25 },
  );
});

test.each([
  ['123456789012345.67', '123456789012345.67'],
  ['0.1234567890123456789', '0.1234567890123456789'],
  ['99999999999999.9999', '99999999999999.9999'],
  ['-12345678901234567890.12', '-12345678901234567890.12'],
  ['1e-7', '0.0000001'],
  ['1E+3', '1000'],
  ['1.5e20', '150000000000000000000'],
  ['18446744073709551617', '18446744073709551617'],
  ['-0', '0'],
  ['0.30000000000000004', '0.30000000000000004'],
  ['1234567890123456789012345678901.1234', '1234567890123456789012345678901.1234'],
])('%s is stored without rounding', async (written, wanted) => {
  const { batches, parquet } = await through([written, '1.5'], (numeral) => numeral);
  expect(batches.map((text) => canonical(String(text)))).toEqual([wanted, '1.5']);
  expect(parquet).toEqual(batches);
});

test.each([
  ['a number of more than 38 digits', `${'9'.repeat(39)}`],
  ['a number with more than 38 decimals', `0.${'0'.repeat(38)}1`],
  ['a number beyond all measure', '1e400'],
])('%s becomes NULL and is listed', async (_, written) => {
  const { rows } = await stage([
    declare(amounts),
    records('amounts', [`{"amount":${written}}`, '{"amount":1.5}']),
  ]);
  expect(rows('amounts').map(({ amount }) => amount)).toEqual([null, '1.5000']);
  expect(JSON.parse(String(rows('amounts')[0]?._airbyte_meta)).changes).toHaveLength(1);
});

test('a column that had to widen stays wide for the rest of the run', async () => {
  const types: unknown[] = [];
  await stage(
    [
      declare(amounts),
      records('amounts', ['{"id":1,"amount":1.5}']),
      records('amounts', ['{"id":2,"amount":1.123456}']),
      records('amounts', ['{"id":3,"amount":2.5}']),
    ],
    {
      segmentBytes: 1,
      inspect: async ({ tables }) =>
        void types.push(tables[0]?.columns.find(({ name }) => name === 'amount')?.type),
    },
  );
  const wide = { kind: 'decimal', precision: 38, scale: 9 };
  expect(types).toEqual([{ kind: 'decimal', precision: 18, scale: 4 }, wide, wide]);
});

test('whole numbers beyond 64 bits widen their column and stay exact', async () => {
  const { rows, segments } = await stage([
    declare(amounts),
    records('amounts', [
      '{"id":18446744073709551616}',
      '{"id":-5}',
      '{"id":12345678901234567890123456789012345678}',
    ]),
  ]);
  expect(rows('amounts').map(({ id }) => id)).toEqual([
    '18446744073709551616',
    '-5',
    '12345678901234567890123456789012345678',
  ]);
  const [table] = segments[0]?.tables ?? [];
  expect(table?.table.columns[0]?.type).toEqual({ kind: 'decimal', precision: 38, scale: 0 });
});

test('long numbers inside free-form JSON keep their digits', async () => {
  const items = declaration('items', { free: { type: 'object' }, note: { type: 'string' } });
  const free = '{"a":12345678901234.56789,"b":[0.1234567890123456789],"c":"x\\"12345678901234567.5"}';
  const { rows } = await stage([
    declare(items),
    records('items', [`{"free":${free},"note":12345678901234.56789}`]),
  ]);
  expect(rows('items')[0]).toMatchObject({ free, note: '12345678901234.56789' });
});

test('only lines with a number that a double does not tell are rewritten', () => {
  const plain = '{"a":1.5,"b":"1234567890123456789","c":1234567890123456789}\n';
  const long = '{"a":1234567890123456.5}\n';
  const scanned = scanNumerals(Buffer.from(plain + long + plain), 'M');
  expect(Buffer.from(scanned.bytes).toString()).toBe(`${plain}{"a":"M1234567890123456.5"}\n${plain}`);
  expect(scanned).toMatchObject({ marked: true, exact: true });
  const bytes = Buffer.from('{"a":1.5,"b":"x"}\n');
  expect(scanNumerals(bytes, 'M')).toEqual({ bytes, marked: false, exact: false });
});

test('no long number escapes the scan, wherever it lies in the bytes', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9 .,"]{0,40}$/),
      decimal(20, 12).filter(
        (numeral) => numeral.includes('.') && numeral.replace(/[-.]|^-?0+/g, '').length > 15,
      ),
      (text, numeral) => {
        const line = `{"text":${JSON.stringify(text)},"amount":${numeral}}\n`;
        const { bytes, marked } = scanNumerals(Buffer.from(line), 'M');
        expect(marked).toBe(true);
        expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({ text, amount: `M${numeral}` });
      },
    ),
    { numRuns: 300 },
  );
});

test('quoting respects strings, escapes and whole numbers', () => {
  const line = '{"a\\\\":"\\"1.00000000000000001","b":1.00000000000000001,"c":12345678901234567}';
  expect(quoteNumerals(line, 'M').line).toBe(line.replace(':1.00000000000000001', ':"M1.00000000000000001"'));
  expect(quoteNumerals(line, 'M', { whole: true }).line).toContain('"c":"M12345678901234567"');
});
