// The Xero source: its parts, wired together.
import type { Catalog, Source } from '@airbyte/cdk-typescript-shim';
import { check } from './check.ts';
import { login } from './login.ts';
import { read } from './read.ts';
import { type Config, spec } from './spec.ts';
import { type Stream, streams } from './streams.ts';
import { version } from './version.ts';

/** The streams on offer; journals only where the app may read them. */
export const catalogOf = ({ journals }: Pick<Config, 'journals'>): Catalog => ({
  streams: streams.filter(({ how }) => journals || how.by !== 'journals').map(describe),
});

const describe = ({ name, key, cursor, schema }: Stream): Catalog['streams'][number] => ({
  name,
  json_schema: { ...schema },
  supported_sync_modes: ['full_refresh', 'incremental'],
  source_defined_cursor: true,
  ...(cursor ? { default_cursor_field: [cursor] } : {}),
  source_defined_primary_key: [['TenantID'], [key]],
  is_resumable: true,
});

export const source: Source<Config> = {
  name: 'source-xero',
  version,
  spec,
  check,
  discover: async ({ config }) => catalogOf(config),
  read,
  login,
};

export default source;
