// The world of one statement: resolves its tables, files and parameters against a session.
import type { Switches } from '../switches.ts';
import { volumePath } from '../volumes.ts';
import { castSql } from './casts.ts';
import { Cursor } from './cursor.ts';
import { failure } from './errors.ts';
import { informationSchema } from './information-schema.ts';
import { dataType } from './names.ts';
import { type FileReading, readingSql } from './read-files.ts';
import { engineName, existingTable, resolve, type Session } from './session.ts';
import { tokenize } from './tokens.ts';
import { literal } from './types.ts';
import type { World } from './world.ts';

/** A `:name` marker as the request binds it; no `value` is NULL. */
export interface Parameter {
  readonly name: string;
  readonly value?: string | null;
  /** SQL type the text is cast to; STRING unless said otherwise. */
  readonly type?: string;
}

export interface WorldOptions {
  readonly now: number;
  readonly user: string;
  readonly switches: Switches;
  readonly parameters: readonly Parameter[];
}

/** `session` is asked only once a statement is turned into SQL. */
export function buildWorld(session: () => Session, { now, user, switches, parameters }: WorldOptions): World {
  const bound = (name: string): Parameter => {
    const parameter = parameters.find((candidate) => candidate.name === name);
    if (!parameter)
      throw failure(
        'UNBOUND_SQL_PARAMETER',
        `Found the unbound parameter: ${name}. Please, fix \`args\` and provide a mapping of the parameter to either a SQL literal or collection constructor functions.`,
      );
    return parameter;
  };
  return {
    now,
    user,
    switches,
    get catalog() {
      return session().catalog;
    },
    table: (parts) => tableSql(session(), parts),
    files: (reading) => filesSql(session(), reading),
    parameter: (name) => parameterSql(bound(name)),
    parameterText: (name) => bound(name).value ?? '',
  };
}

function tableSql(session: Session, parts: readonly string[]): string {
  const { schema, name } = resolve(session, parts);
  if (schema === 'information_schema') {
    const view = informationSchema(session, name);
    if (view) return view;
  }
  return engineName(session, existingTable(session, parts, 'SELECT'));
}

/** Files of a path, after the volume and READ VOLUME are checked. Throws PATH_NOT_FOUND. */
export function matchingFiles(session: Session, path: string): string[] {
  const missing = failure('PATH_NOT_FOUND', `Path does not exist: dbfs:${path.replace(/^dbfs:/, '')}.`);
  const parsed = volumePath(path);
  if (!parsed || parsed.catalog !== session.model.name) throw missing;
  if (!session.model.volume(parsed.schema, parsed.volume)) throw missing;
  session.grants.demand('READ VOLUME', `${parsed.catalog}.${parsed.schema}.${parsed.volume}`);
  const files = session.volumes.match(parsed);
  if (!files) throw missing;
  return files;
}

function filesSql(session: Session, reading: FileReading): string {
  const files = matchingFiles(session, reading.path);
  if (reading.format === 'parquet') session.engine.willRead(files);
  return readingSql(reading, files, session.world, session.volumes.root);
}

function parameterSql({ value, type = 'STRING' }: Parameter): string {
  const cursor = new Cursor(tokenize(type, { doubledQuote: 'quote' }), type);
  const parsed = dataType(cursor);
  if (cursor.peek().kind !== 'end') throw cursor.error();
  return castSql(value === undefined || value === null ? 'CAST(NULL AS VARCHAR)' : literal(value), parsed);
}
