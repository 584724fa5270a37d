// The QuickBooks source: its parts, wired together.
import type { Catalog, Source } from '@airbyte/cdk-typescript-shim';
import { check } from './check.ts';
import { login } from './login.ts';
import { read } from './read.ts';
import { type Config, spec } from './spec.ts';
import { type Stream, streams } from './streams.ts';
import { version } from './version.ts';

/** The streams on offer; rare ones only where they are asked for. */
export const catalogOf = ({ more_streams }: Pick<Config, 'more_streams'>): Catalog => ({
  streams: (streams as readonly Stream[])
    .filter(({ name, rare }) => !rare || more_streams.includes(name))
    .map(describe),
});

/** Rows of small tables and reports have no time of change that could tell which of two is newer. */
const describe = ({ name, how, schema }: Stream): Catalog['streams'][number] => ({
  name,
  json_schema: { ...schema },
  supported_sync_modes: ['full_refresh', 'incremental'],
  source_defined_cursor: true,
  ...(how.by === 'changes' || how.by === 'counted' ? { default_cursor_field: ['LastUpdatedTime'] } : {}),
  source_defined_primary_key: [['RealmID'], ['Id']],
  is_resumable: true,
});

export const source: Source<Config> = {
  name: 'source-quickbooks',
  version,
  spec,
  check,
  discover: async ({ config }) => catalogOf(config),
  read,
  login,
};

export default source;
