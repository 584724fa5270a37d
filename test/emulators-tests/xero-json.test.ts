// Answers laid out as Xero lays them out: indented with CRLF, and still the same JSON.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prettyCrlf } from '../emulators/xero/json.ts';

test('a laid out answer is the same JSON, empty lists and objects included', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(prettyCrlf(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
