// The logins of a started server: who administers it, who owns the warehouse, and who may only read what is granted.

export interface Login {
  readonly user: string;
  readonly password: string;
}

export type Role = 'admin' | 'writer' | 'reader';

export const DATABASE = 'warehouse';

/** The reader is the user of Looker's connection: it may connect, and see only what the writer grants. */
export const logins: Readonly<Record<Role, Login>> = {
  admin: { user: 'postgres', password: 'postgres-of-the-sandbox' },
  writer: { user: 'ledger_writer', password: 'writer-of-the-sandbox' },
  reader: { user: 'looker_reader', password: 'reader-of-the-sandbox' },
};

/**
 * One statement per line, as single-user mode reads them. The database is the one initdb made, and the spare
 * template goes: what is left is copied at every start.
 */
export function preparation(database: string): string {
  const { writer, reader } = logins;
  const made = [writer, reader].map(
    ({ user, password }) => `CREATE ROLE ${user} LOGIN PASSWORD '${password}';`,
  );
  return [
    ...made,
    `ALTER DATABASE postgres RENAME TO ${database};`,
    `ALTER DATABASE ${database} OWNER TO ${writer.user};`,
    `UPDATE pg_database SET datistemplate = false WHERE datname = 'template0';`,
    'DROP DATABASE template0;',
    'CHECKPOINT;',
    '',
  ].join('\n');
}
