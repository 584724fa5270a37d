// One statement from its text; whatever is not one of the known statements is PARSE_SYNTAX_ERROR.
import type { Switches } from '../switches.ts';
import { Cursor } from './cursor.ts';
import { identifier, type TableName, tableName } from './names.ts';
import { alterTable, createTable } from './parse-ddl.ts';
import { copyInto, deleteFrom, insert, merge, update } from './parse-dml.ts';
import { atQuery, query } from './query.ts';
import type { Statement } from './statements.ts';
import { tokenize } from './tokens.ts';

/** The statement of a text. Throws PARSE_SYNTAX_ERROR. */
export function parse(text: string, switches: Switches): Statement {
  const cursor = new Cursor(tokenize(text, switches), text);
  const statement =
    switches.sqlScripts && cursor.at('BEGIN') ? script(cursor, switches) : one(cursor, switches);
  if (switches.trailingSemicolon) cursor.takeSymbol(';');
  if (cursor.peek().kind !== 'end') throw cursor.error();
  return statement;
}

/** Whether a text holds more than one statement, for those who refuse it before running anything. */
export function isSeveral(text: string, switches: Switches): boolean {
  const tokens = tokenize(text, switches);
  const semicolon = tokens.findIndex(({ kind, value }) => kind === 'symbol' && value === ';');
  return semicolon >= 0 && tokens[semicolon + 1]?.kind !== 'end' && tokens[0]?.value !== 'BEGIN';
}

/** `BEGIN stmt; stmt; END`: run in order, not atomic. */
function script(cursor: Cursor, switches: Switches): Statement {
  cursor.expect('BEGIN');
  const statements: Statement[] = [];
  while (!cursor.take('END')) {
    statements.push(one(cursor, switches));
    cursor.expectSymbol(';');
  }
  return { kind: 'script', statements };
}

/** The first words of each statement, longest first, and who reads the rest. */
const verbs: readonly (readonly [words: string, read: (cursor: Cursor) => Statement])[] = [
  ['COPY INTO', copyInto],
  ['DELETE FROM', deleteFrom],
  ['UPDATE', update],
  ['TRUNCATE TABLE', (cursor) => ({ kind: 'truncate', table: tableName(cursor) })],
  ['CREATE OR REPLACE TABLE', (cursor) => createTable(cursor, 'replace')],
  ['CREATE TABLE IF NOT EXISTS', (cursor) => createTable(cursor, 'if not exists')],
  ['CREATE TABLE', (cursor) => createTable(cursor, 'create')],
  ['CREATE SCHEMA', createSchema],
  ['CREATE DATABASE', createSchema],
  ['CREATE VOLUME', createVolume],
  ['ALTER TABLE', alterTable],
  ['DROP TABLE', dropTable],
  ['COMMENT ON TABLE', comment],
  ['DESCRIBE TABLE', describe],
  ['DESC TABLE', describe],
  ['DESCRIBE', describe],
  ['SHOW TABLES', showTables],
];

function one(cursor: Cursor, switches: Switches): Statement {
  if (cursor.at('MERGE') || (cursor.at('WITH') && leadsToMerge(cursor))) return merge(cursor);
  if (atQuery(cursor)) return select(cursor);
  if (cursor.at('INSERT')) return insert(cursor, switches);
  const verb = verbs.find(([words]) => cursor.take(...words.split(' ')));
  if (!verb) throw cursor.error();
  return verb[1](cursor);
}

function describe(cursor: Cursor): Statement {
  return { kind: 'describe', table: tableName(cursor) };
}

function dropTable(cursor: Cursor): Statement {
  const ifExists = cursor.take('IF', 'EXISTS');
  return { kind: 'drop table', table: tableName(cursor), ifExists };
}

/** `WITH x AS (...) MERGE INTO`: the common tables stand before the verb. */
function leadsToMerge(cursor: Cursor): boolean {
  const mark = cursor.mark();
  let depth = 0;
  let found = false;
  while (cursor.peek().kind !== 'end' && !found) {
    if (cursor.atSymbol('(')) depth += 1;
    if (cursor.atSymbol(')')) depth -= 1;
    if (depth === 0 && cursor.at('SELECT')) break;
    found = depth === 0 && cursor.at('MERGE');
    cursor.next();
  }
  cursor.reset(mark);
  return found;
}

function select(cursor: Cursor): Statement {
  const mark = cursor.mark();
  const sql = query(cursor, new Set());
  return { kind: 'select', query: sql, countsOnly: countsOnly(cursor.textSince(mark)) };
}

/** How many columns a query has that only counts; 0 for any other query. */
function countsOnly(text: string): number {
  const list = /^\s*select\s+(.+?)(?:\s+from\s|$)/is.exec(text)?.[1] ?? '';
  const items = list.split(/,(?![^(]*\))/);
  return items.every((item) => /^\s*count(_if)?\s*\([^()]*\)(\s+(as\s+)?[\w`]+)?\s*$/i.test(item))
    ? items.length
    : 0;
}

function createSchema(cursor: Cursor): Statement {
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS');
  const schema = tableName(cursor);
  return { kind: 'create schema', schema, ifNotExists, ...commentClause(cursor) };
}

function createVolume(cursor: Cursor): Statement {
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS');
  const volume = tableName(cursor);
  return { kind: 'create volume', volume, ifNotExists, ...commentClause(cursor) };
}

function commentClause(cursor: Cursor): { comment?: string } {
  return cursor.take('COMMENT') ? { comment: cursor.string() } : {};
}

function comment(cursor: Cursor): Statement {
  const table = tableName(cursor);
  cursor.expect('IS');
  return { kind: 'comment', table, comment: cursor.take('NULL') ? undefined : cursor.string() };
}

function showTables(cursor: Cursor): Statement {
  let schema: TableName | undefined;
  if (cursor.take('IN') || cursor.take('FROM')) {
    const parts = [identifier(cursor)];
    if (cursor.takeSymbol('.')) parts.push(identifier(cursor));
    schema = () => parts;
  }
  return { kind: 'show tables', schema };
}
