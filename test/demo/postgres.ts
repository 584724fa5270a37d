// The tables of a PostgreSQL, for figures.
import type { Postgres } from '../emulators/postgres/index.ts';
import type { Engine } from './figures.ts';

export function postgresEngine(postgres: Postgres, schema: string): Engine {
  return {
    query: async (sql) => await postgres.query(sql),
    table: (name) => `"${schema}"."${name}"`,
    living: (alias) => `${alias}._deleted_at IS NULL`,
    names: async () => {
      const tables = await postgres.query(
        `SELECT table_name AS name FROM information_schema.columns
         WHERE table_schema = '${schema}' AND column_name = '_row_hash' ORDER BY 1`,
      );
      return tables.map(({ name }) => String(name));
    },
    keys: async (name) => {
      const columns = await postgres.query(
        `SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
         WHERE i.indrelid = '"${schema}"."${name}"'::regclass AND i.indisprimary`,
      );
      return columns.map(({ name: column }) => String(column));
    },
  };
}
