// The tables of the Databricks emulator, for figures.
import type { DatabricksEmulator } from '../emulators/databricks/index.ts';
import type { Engine } from './figures.ts';

export function databricksEngine(databricks: DatabricksEmulator, schemaName = 'ledger'): Engine {
  const schema = `"${databricks.catalog}"."${schemaName}"`;
  return {
    query: (sql) => databricks.query(sql),
    table: (name) => `${schema}."${name}"`,
    living: (alias) => `${alias}._deleted_at IS NULL`,
    names: async () => {
      const tables = await databricks.query(
        `SELECT table_name AS name FROM information_schema.tables
         WHERE table_catalog = '${databricks.catalog}' AND table_schema = '${schemaName}' AND table_name <> 'ledgerpipe_commits' ORDER BY 1`,
      );
      return tables.map(({ name }) => String(name));
    },
    keys: async (name) => {
      const url = `${databricks.url}/api/2.1/unity-catalog/tables/${databricks.catalog}.${schemaName}.${name}`;
      const headers = { authorization: `Bearer ${databricks.credentials.token}` };
      const table = (await (await fetch(url, { headers })).json()) as TableMetadata;
      return (
        table.table_constraints?.flatMap(
          (constraint) => constraint.primary_key_constraint?.child_columns ?? [],
        ) ?? []
      );
    },
  };
}

interface TableMetadata {
  readonly table_constraints?: readonly {
    readonly primary_key_constraint?: { readonly child_columns: readonly string[] };
  }[];
}
