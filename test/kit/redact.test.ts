// Secrets: found wherever the spec marks them, and blotted out of any text in every encoding they may take.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor, secretValues } from '../../protocol/kit/redact.ts';

const schema = {
  properties: {
    host: { type: 'string' },
    credentials: {
      type: 'object',
      oneOf: [
        {
          properties: {
            auth_type: { const: 'oauth' },
            client_secret: { type: 'string', airbyte_secret: true },
          },
        },
        { properties: { auth_type: { const: 'token' }, token: { type: 'string', airbyte_secret: true } } },
      ],
    },
    keys: { type: 'array', items: { properties: { pem: { type: 'string', airbyte_secret: true } } } },
  },
} as const;

test('secret values are found in objects, in arrays and in every option of a choice', () => {
  const config = {
    host: 'h',
    credentials: { client_secret: 'one1', token: 'two2' },
    keys: [{ pem: 'three' }],
  };
  expect([...secretValues(schema, config)].sort()).toEqual(['one1', 'three', 'two2']);
});

test('a secret is gone from a text however it was quoted or encoded', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: 'grapheme' }), fc.string(), (secret, around) => {
      fc.pre(!around.includes(secret) && !'****'.includes(secret));
      const redactor = createRedactor();
      redactor.learn(schema, { credentials: { token: secret } });
      for (const form of [secret, JSON.stringify(secret), encodeURIComponent(secret)])
        expect(redactor.redact(`<${form}>`)).not.toContain(secret);
    }),
  );
});

test.each([
  'Authorization: Bearer abcdefgh12345678',
  'Basic dXNlcjpwYXNzd29yZA==',
  'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl was refused',
  'dapi0123456789abcdef0123',
])('the credential in "%s" is blotted out although nobody named it', (text) => {
  const clean = createRedactor().redact(text);
  expect(clean).toContain('****');
  expect(clean).not.toMatch(/abcdefgh12345678|dXNlcjpw|eyJzdWIi|0123456789abcdef/);
});
