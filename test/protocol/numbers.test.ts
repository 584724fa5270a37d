// Numbers that must not drift: money, rates, and what no double can hold.
import { exactNumber, parseExactly } from '@airbyte/cdk-typescript-shim';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test.each([
  ['1234.50', 1234.5],
  ['-0.1', -0.1],
  ['123456789012345.67', 123456789012345.67],
  ['1234567890123456.78', '1234567890123456.78'],
  ['100000000000000000', 100000000000000000],
])('%s is read as %s', (text, number) => {
  expect(exactNumber(text)).toBe(number);
});

test('money up to a thousand billion and rates of nine places come out with the digits that came in', () => {
  const digits = fc
    .tuple(fc.bigInt(-(10n ** 14n), 10n ** 14n), fc.integer({ min: 0, max: 9 }))
    .map(([value, places]) => decimalText(value, places));
  fc.assert(
    fc.property(digits, (text) => {
      const { n } = parseExactly(`{"n": ${text}}`) as { n: unknown };
      expect(typeof n).toBe('number');
      expect(normal(plainNumber(n as number))).toBe(normal(text));
    }),
  );
});

test('a number that no double can hold becomes a text with every digit, and nothing else does', () => {
  const json =
    '{"rate": 0.12345678901234567890, "big":123456789012345678.25,"ok":1234567890123450,"id":"1234567890123456789"}';
  expect(parseExactly(json)).toEqual({
    rate: '0.12345678901234567890',
    big: '123456789012345678.25',
    ok: 1234567890123450,
    id: '1234567890123456789',
  });
});

test('any decimal survives, as a number or as its text', () => {
  const digits = fc
    .tuple(fc.bigInt(-(10n ** 24n), 10n ** 24n), fc.integer({ min: 0, max: 18 }))
    .map(([value, places]) => decimalText(value, places));
  fc.assert(
    fc.property(digits, (text) => {
      const [value] = parseExactly(`[${text}, "${text}"]`) as unknown[];
      expect(normal(typeof value === 'number' ? plainNumber(value) : String(value))).toBe(normal(text));
    }),
  );
});

function decimalText(value: bigint, places: number): string {
  const size = String(value < 0n ? -value : value).padStart(places + 1, '0');
  const text = places === 0 ? size : `${size.slice(0, -places)}.${size.slice(-places)}`;
  return value < 0n ? `-${text}` : text;
}

/** What JSON.stringify writes, without an exponent. */
function plainNumber(value: number): string {
  const text = JSON.stringify(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  const digits = whole + fraction;
  const point = whole.length + shift;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, '0').slice(0, point)}.${digits.slice(point) || '0'}`;
}

function normal(text: string): string {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const size = `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`;
  return size === '0.' ? size : `${text.startsWith('-') ? '-' : ''}${size}`;
}
