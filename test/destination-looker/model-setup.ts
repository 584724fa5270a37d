// The tables of both sources, and the model over them.
import { type Catalog, declare, type JsonSchema, type Stream } from '@airbyte/cdk-typescript-shim';
import { planTables } from '@ledgerpipe/staging';
import {
  type ModelOptions,
  type ModelTable,
  modelOf,
  projectFiles,
} from '../../destination-looker/model/index.ts';
import { streams as quickbooks } from '../../source-quickbooks/streams.ts';
import { streams as xero } from '../../source-xero/streams.ts';

export type Names = 'original' | 'snake_case';

const described = ({ name, schema }: { name: string; schema: JsonSchema }, keys: string[][]): Stream => ({
  name,
  json_schema: { ...schema },
  supported_sync_modes: ['full_refresh', 'incremental'],
  source_defined_primary_key: keys,
});

/** The catalogs as `discover` prints them, every stream of them. */
export const catalogs = {
  xero: (): Catalog => ({ streams: xero.map((stream) => described(stream, [['TenantID'], [stream.key]])) }),
  quickbooks: (): Catalog => ({
    streams: quickbooks.map((stream) => described(stream, [['RealmID'], ['Id']])),
  }),
};

export type SourceName = keyof typeof catalogs;

export function tablesOf(
  catalog: Catalog,
  { names = 'original', schema = 'ledger' }: { names?: Names; schema?: string } = {},
): readonly ModelTable[] {
  const declared = catalog.streams.map((stream) =>
    declare({ stream, sync_mode: 'incremental', destination_sync_mode: 'append_dedup' }),
  );
  return declared.flatMap((declaration) =>
    planTables(declaration, declared, { names }).map((plan) => ({ plan, place: [schema, plan.name] })),
  );
}

export const options: ModelOptions = {
  name: 'ledgerpipe',
  label: 'Accounting',
  connection: 'warehouse',
  dialect: 'postgres',
  fiscalMonthOffset: 0,
  dashboard: true,
  tracking: [],
};

export const generate = (tables: readonly ModelTable[], more: Partial<ModelOptions> = {}) =>
  projectFiles(modelOf(tables, { ...options, ...more }), { dashboard: more.dashboard ?? true });
