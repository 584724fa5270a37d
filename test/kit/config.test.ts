// Configuration errors: one line that names the field and what to do, and never the value of a secret.
import { describe, expect, test } from 'vitest';
import { unknownFields, validateConfig } from '../../protocol/kit/config.ts';

const spec = {
  connectionSpecification: {
    type: 'object',
    required: ['start_date', 'credentials'],
    properties: {
      start_date: {
        type: 'string',
        pattern: '^\\d{4}-\\d{2}-\\d{2}$',
        pattern_descriptor: 'YYYY-MM-DD',
        description: 'Records changed since this day are read. Days are UTC.',
      },
      size: { type: 'integer', default: 1000 },
      mode: { type: 'string', enum: ['soft', 'hard'], default: 'soft' },
      credentials: {
        type: 'object',
        oneOf: [
          {
            required: ['auth_type', 'client_id', 'secret'],
            properties: {
              auth_type: { type: 'string', const: 'oauth' },
              client_id: { type: 'string' },
              secret: { type: 'string', minLength: 8, airbyte_secret: true, title: 'Client secret' },
            },
          },
          {
            required: ['auth_type', 'token'],
            properties: {
              auth_type: { type: 'string', const: 'token' },
              token: { type: 'string' },
              lifetime: { type: 'integer', default: 60 },
            },
          },
        ],
      },
    },
  },
};
const good = { start_date: '2026-01-01', credentials: { auth_type: 'token', token: 't' } };

test('defaults are filled in, those of the chosen option too, and the input is left alone', async () => {
  const config = structuredClone(good);
  expect(await validateConfig(spec, config)).toEqual({
    ...good,
    size: 1000,
    mode: 'soft',
    credentials: { ...good.credentials, lifetime: 60 },
  });
  expect(config).toEqual(good);
});

describe('the error', () => {
  const { start_date: _, ...dateless } = good;
  test.each([
    [
      'names a missing field and says what it is for',
      dateless,
      /^Config field "start_date" is missing: add it \(Records changed since this day are read\)$/,
    ],
    [
      'shows the wanted pattern in words',
      { ...good, start_date: '1.1.2026' },
      /^Config field "start_date" must look like YYYY-MM-DD, found "1.1.2026"$/,
    ],
    [
      'lists the allowed values',
      { ...good, mode: 'x' },
      /^Config field "mode" must be one of \["soft","hard"\], found "x"$/,
    ],
    [
      'says which option to choose',
      { ...good, credentials: {} },
      /^Config field "credentials.auth_type" is missing: set it to "oauth" or "token"$/,
    ],
    [
      'speaks of the chosen option only',
      { ...good, credentials: { auth_type: 'oauth', client_id: 'c' } },
      /^Config field "credentials.secret" is missing: add it \(Client secret\)$/,
    ],
  ])('%s', async (_, config, words) => {
    await expect(validateConfig(spec, config)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(words),
    });
  });

  test('never shows the value of a secret', async () => {
    const config = { ...good, credentials: { auth_type: 'oauth', client_id: 'c', secret: 'hunter2' } };
    await expect(validateConfig(spec, config)).rejects.toMatchObject({
      message: expect.not.stringContaining('hunter2'),
    });
  });
});

test("fields that nobody reads are told apart from the platform's own", () => {
  expect(unknownFields(spec, { ...good, strat_date: 1, __injected: 1 })).toEqual(['strat_date']);
});
