// Modes and generations: what a configured stream means for the rows that are there already.
import { type ConfiguredStream, declare } from '@airbyte/cdk-typescript-shim';
import { expect, test } from 'vitest';

const keyed = {
  name: 'a',
  json_schema: {},
  supported_sync_modes: ['full_refresh'] as ['full_refresh'],
  source_defined_primary_key: [['id']],
};

const configured = (
  [sync, mode, generation, minimum]: readonly [string, string, number?, number?],
  stream: ConfiguredStream['stream'] = keyed,
): ConfiguredStream =>
  ({
    stream,
    sync_mode: sync,
    destination_sync_mode: mode,
    ...(generation === undefined ? {} : { generation_id: generation }),
    ...(minimum === undefined ? {} : { minimum_generation_id: minimum }),
  }) as ConfiguredStream;

test.each([
  [['full_refresh', 'overwrite'], 'replace', 0],
  [['full_refresh', 'overwrite', 1, 1], 'replace', 0],
  [['full_refresh', 'append', 5, 5], 'replace', 0],
  [['full_refresh', 'append_dedup', 5, 5], 'replace', 0],
  [['full_refresh', 'append', 5, 0], 'append', 0],
  [['incremental', 'append'], 'append', 0],
  [['incremental', 'append', 5, 5], 'append', 5],
  [['incremental', 'append_dedup'], 'upsert', 0],
  [['incremental', 'append_dedup', 1, 1], 'upsert', 1],
] as const)('%j means %s and retires generations below %i', (modes, mode, retireBelow) => {
  expect(declare(configured(modes))).toMatchObject({ mode, retireBelow });
});

test.each([
  [['incremental', 'append_dedup', 5, 3], 'minimum_generation_id'],
  [['incremental', 'update'], 'mode "update"'],
  [['incremental', 'soft_delete'], 'mode "soft_delete"'],
] as const)('%j is refused by name', (modes, words) => {
  expect(() => declare(configured(modes))).toThrow(words);
});

test('append_dedup without a key is refused', () => {
  const { source_defined_primary_key: _, ...keyless } = keyed;
  expect(() => declare(configured(['incremental', 'append_dedup'], keyless))).toThrow('no primary key');
});

test('a key and a cursor of the caller win over those of the source', () => {
  const mine = { ...configured(['incremental', 'append_dedup']), primary_key: [['x']], cursor_field: ['y'] };
  expect(declare(mine)).toMatchObject({ keys: [['x']], cursor: ['y'] });
});
