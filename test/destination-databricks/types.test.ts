// Types: read in any spelling, widened by Delta's rules, converted without a silent loss.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conversion, converted, readType, sqlType, widened } from '../../databricks/sql/types.ts';

test.each([
  ['decimal(38,10)', 'DECIMAL(38,10)'],
  ['DECIMAL', 'DECIMAL(10,0)'],
  ['numeric(5)', 'DECIMAL(5,0)'],
  ['long', 'BIGINT'],
  ['integer', 'INT'],
  ['varchar(20)', 'VARCHAR(20)'],
  ['timestamp_ntz', 'TIMESTAMP_NTZ'],
  ['array<string>', 'ARRAY<STRING>'],
])('%s is read as %s', (text, wanted) => {
  expect(readType(text).text).toBe(wanted);
});

test.each([
  ['INT', 'BIGINT', 'BIGINT'],
  ['BIGINT', 'INT', undefined],
  ['BIGINT', 'DECIMAL(18,4)', 'DECIMAL(24,4)'],
  ['INT', 'DECIMAL(18,4)', 'DECIMAL(18,4)'],
  ['SMALLINT', 'DECIMAL(5,4)', 'DECIMAL(14,4)'],
  ['DECIMAL(18,4)', 'DECIMAL(18,9)', 'DECIMAL(23,9)'],
  ['DECIMAL(18,9)', 'DECIMAL(18,4)', 'DECIMAL(23,9)'],
  ['DECIMAL(18,4)', 'BIGINT', 'DECIMAL(23,4)'],
  ['DECIMAL(38,0)', 'DECIMAL(38,9)', undefined],
  ['DECIMAL(18,4)', 'DOUBLE', undefined],
  ['FLOAT', 'DOUBLE', 'DOUBLE'],
  ['INT', 'DOUBLE', 'DOUBLE'],
  ['BIGINT', 'DOUBLE', undefined],
  ['DATE', 'TIMESTAMP_NTZ', 'TIMESTAMP_NTZ'],
  ['DATE', 'TIMESTAMP', undefined],
  ['STRING', 'BIGINT', undefined],
])('%s grows for %s into %s', (current, wanted, grown) => {
  expect(widened(readType(current), readType(wanted))?.text).toBe(grown);
});

test('a widened decimal holds both, and is one that Delta allows', () => {
  const decimals = fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.integer({ min: 0, max: 37 }))
    .filter(([precision, scale]) => scale <= precision)
    .map(([precision, scale]) => readType(`DECIMAL(${precision},${scale})`));
  fc.assert(
    fc.property(decimals, decimals, (current, wanted) => {
      const grown = widened(current, wanted);
      if (!grown) return;
      expect(grown.precision).toBeLessThanOrEqual(38);
      const scale = grown.scale - current.scale;
      expect(scale).toBeGreaterThanOrEqual(0);
      expect(grown.precision - current.precision).toBeGreaterThanOrEqual(scale);
      expect(['plain', 'exact']).toContain(conversion(wanted, grown));
      expect(['plain', 'exact']).toContain(conversion(current, grown));
    }),
  );
});

test.each([
  ['STRING', 'STRING', '`v`'],
  ['BIGINT', 'STRING', 'CAST(`v` AS STRING)'],
  ['STRING', 'BIGINT', 'try_cast(`v` AS BIGINT)'],
  ['DECIMAL(18,4)', 'DECIMAL(38,10)', 'CAST(`v` AS DECIMAL(38,10))'],
  [
    'DECIMAL(18,4)',
    'DECIMAL(18,2)',
    'CASE WHEN try_cast(try_cast(`v` AS DECIMAL(18,2)) AS DECIMAL(18,4)) = `v` THEN try_cast(`v` AS DECIMAL(18,2)) END',
  ],
  ['STRING', 'VARCHAR(3)', 'CASE WHEN length(`v`) <= 3 THEN `v` END'],
  ['BIGINT', 'VARCHAR(3)', 'CASE WHEN length(CAST(`v` AS STRING)) <= 3 THEN CAST(`v` AS STRING) END'],
  ['BOOLEAN', 'DATE', 'CAST(NULL AS DATE)'],
  ['STRING', 'STRUCT<A: INT>', 'CAST(NULL AS STRUCT<A: INT>)'],
])('%s goes into %s as %s', (wanted, current, text) => {
  expect(converted('`v`', readType(wanted), readType(current))).toBe(text);
});

test('every kind has a type', () => {
  const kinds = [
    'text',
    'integer',
    'double',
    'boolean',
    'date',
    'time',
    'json',
    'instant',
    'datetime',
  ] as const;
  expect(kinds.map((kind) => sqlType({ kind }).text)).toEqual([
    'STRING',
    'BIGINT',
    'DOUBLE',
    'BOOLEAN',
    'DATE',
    'STRING',
    'STRING',
    'TIMESTAMP',
    'TIMESTAMP_NTZ',
  ]);
  expect(sqlType({ kind: 'decimal', precision: 18, scale: 4 }).text).toBe('DECIMAL(18,4)');
});
