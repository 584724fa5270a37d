// Runs one parsed statement in a session; each kind has its executor.
import { alterTable } from './alter-table.ts';
import { copyInto } from './copy.ts';
import { createTable } from './create-table.ts';
import { commentOnTable, createSchema, createVolume, describeTable, dropTable, showTables } from './ddl.ts';
import { fromEngineError } from './engine-errors.ts';
import { insert } from './insert.ts';
import { merge } from './merge.ts';
import { deleteFrom, truncate, update } from './rows.ts';
import { selectRows } from './select.ts';
import { done, type Outcome, type Session } from './session.ts';
import type { Statement } from './statements.ts';

/** Throws SqlFailure for everything that goes wrong. */
export async function execute(session: Session, statement: Statement): Promise<Outcome> {
  try {
    return await run(session, statement);
  } catch (error) {
    throw fromEngineError(error);
  }
}

async function run(session: Session, statement: Statement): Promise<Outcome> {
  switch (statement.kind) {
    case 'select':
      return selectRows(session, statement.query(session.world));
    case 'create table':
      return createTable(session, statement);
    case 'alter table':
      return alterTable(session, statement.table(session.world), statement.change);
    case 'drop table':
      return dropTable(session, statement);
    case 'comment':
      return commentOnTable(session, statement);
    case 'create schema':
      return createSchema(session, statement);
    case 'create volume':
      return createVolume(session, statement);
    case 'merge':
      return merge(session, statement);
    case 'insert':
      return insert(session, statement);
    case 'copy into':
      return copyInto(session, statement);
    case 'delete':
      return deleteFrom(session, statement);
    case 'update':
      return update(session, statement);
    case 'truncate':
      return truncate(session, statement);
    case 'describe':
      return describeTable(session, statement.table(session.world));
    case 'show tables':
      return showTables(session, statement);
    case 'script': {
      let last = done;
      for (const inner of statement.statements) last = await run(session, inner);
      return last;
    }
  }
}
