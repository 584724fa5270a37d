// The scenarios of PyAirbyte's smoke test, as its own source plays them.
import { fileOf } from '../program.ts';
import { judge } from './judge.ts';
import type { Venv } from './venv.ts';

export interface Scenario {
  readonly name: string;
  /** Records that are sent. */
  readonly records: number;
  /** Rows that must be there: one for each key, or for each record where there is no key. */
  readonly rows: number;
}

interface Line {
  readonly type: string;
  readonly catalog?: { readonly streams: readonly Stream[] };
  readonly record?: { readonly stream: string; readonly data: Readonly<Record<string, unknown>> };
}

interface Stream {
  readonly name: string;
  readonly source_defined_primary_key?: readonly (readonly string[])[];
}

/** Asks the source of the smoke test for all scenarios and counts their records and keys. */
export async function scenarios(python: Venv, folder: string): Promise<readonly Scenario[]> {
  const source = async (args: readonly string[]): Promise<readonly Line[]> => {
    const { code, stdout, stderr } = await judge(python.program('source-smoke-test'), args, { folder });
    if (code !== 0) throw new Error(`source-smoke-test ended with code ${code}: ${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Line);
  };
  const config = await fileOf(folder, 'smoke.json', { all_fast_streams: true, all_slow_streams: true });
  const found = (await source(['discover', '--config', config])).find(({ catalog }) => catalog);
  const streams = found?.catalog?.streams ?? [];
  const catalog = await fileOf(folder, 'smoke-catalog.json', {
    streams: streams.map((stream) => ({
      stream,
      sync_mode: 'full_refresh',
      destination_sync_mode: 'overwrite',
    })),
  });
  const lines = await source(['read', '--config', config, '--catalog', catalog]);
  return streams.map((stream) => counted(stream, lines));
}

function counted({ name, source_defined_primary_key: key = [] }: Stream, lines: readonly Line[]): Scenario {
  const records = lines.flatMap(({ record }) => (record?.stream === name ? [record.data] : []));
  const keys = new Set(records.map((data) => JSON.stringify(key.map(([field = '']) => data[field]))));
  return { name, records: records.length, rows: key.length === 0 ? records.length : keys.size };
}

/** The table of a stream: all namespaces share one schema, so they stand in front of the name. */
export const tableOf = (namespace: string, stream: string): string => `${namespace}_${stream}`.toLowerCase();
