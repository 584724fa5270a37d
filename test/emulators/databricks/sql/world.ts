// What a parsed statement needs to know before it can become engine SQL: tables, files, parameters, time.
import type { Switches } from '../switches.ts';
import type { FileReading } from './read-files.ts';

export interface World {
  /** ms since the epoch; one value for the whole statement. */
  readonly now: number;
  readonly user: string;
  readonly catalog: string;
  readonly switches: Switches;
  /** Engine SQL of a table that is read. Throws when it is missing or SELECT is not granted. */
  table(name: readonly string[]): string;
  /** Engine SQL of a query over staged files. Throws when nothing matches or READ VOLUME is not granted. */
  files(reading: FileReading): string;
  /** Engine SQL of a `:name` marker, already cast to its declared type. Throws when it is not bound. */
  parameter(name: string): string;
  /** The text of a `:name` marker, for IDENTIFIER(). */
  parameterText(name: string): string;
}

/** A parsed piece of a statement: becomes engine SQL once the world is known. */
export type Sql = (world: World) => string;

export const join = (parts: readonly Sql[], separator: string): Sql => {
  return (world) => parts.map((part) => part(world)).join(separator);
};
