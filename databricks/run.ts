// One run of `write`: the workspace, the place in it, and what is asked for only once.

import { type Context, type LogLevel, logMessage } from '@airbyte/cdk-typescript-shim';
import { runName } from '@ledgerpipe/staging';
import { createSchema, createVolume, findSecurable } from './api/catalog.ts';
import { patientSignal, type StatementPorts } from './api/statements.ts';
import { type Api, connect, warehouseOf } from './api.ts';
import { openStatements, type Statements } from './execute.ts';
import type { DatabricksSettings } from './settings.ts';
import { fullName, type Place, pathPart } from './sql/names.ts';
import { Tables } from './tables.ts';

export type Log = (level: LogLevel, message: string) => Promise<void>;

export interface Run {
  readonly context: Context<DatabricksSettings>;
  readonly api: Api;
  readonly place: Place;
  readonly statements: Statements;
  readonly tables: Tables;
  readonly log: Log;
  /** This run's own name, where the caller gave its job none. */
  readonly job: string;
  /** /Volumes/CATALOG/SCHEMA/VOLUME */
  readonly volume: string;
  /** Makes sure that schema and volume are there; asks once. */
  readonly prepare: () => Promise<void>;
}

/** Opens a run; the first request is made by whoever first needs one. */
export function openRun(context: Context<DatabricksSettings>, { agent }: { readonly agent: string }): Run {
  const { config, clock, signal, say } = context;
  const log: Log = (level, message) => say(logMessage(level, message));
  const { volume, ...place } = placeOf(config);
  const api = connect({
    host: config.host,
    authentication: config.authentication,
    clock,
    agent,
    onWait: ({ until, reason }) =>
      void log('INFO', `Waits until ${new Date(until).toISOString()}: ${reason}`),
  });
  const ports: StatementPorts = {
    api,
    clock,
    signal,
    patient: patientSignal(signal, clock),
    warehouse: warehouseOf(config),
    startMilliseconds: config.warehouse_start_minutes * 60_000,
    onPending: () => log('INFO', 'Waits for the SQL warehouse to start'),
  };
  const statements = openStatements(ports);
  const tables = new Tables({
    api,
    place,
    statements,
    constraints: config.constraints,
    clusterByAuto: config.cluster_by_auto,
    log,
  });
  let prepared: Promise<void> | undefined;
  return {
    context,
    api,
    place,
    statements,
    tables,
    log,
    job: runName(clock),
    volume: `/Volumes/${place.catalog}/${place.schema}/${volume}`,
    prepare: () => {
      prepared ??= makePlace(api, place, volume);
      return prepared;
    },
  };
}

/** Where a configuration points. Unity Catalog stores these names in lower case, and paths are spelled as it does. */
export function placeOf({
  catalog,
  schema,
  volume,
}: DatabricksSettings): Place & { readonly volume: string } {
  return {
    catalog: catalog.toLowerCase(),
    schema: schema.toLowerCase(),
    volume: volume.toLowerCase(),
  };
}

/** Makes the schema and the volume if they are missing; needs no warehouse. */
async function makePlace(api: Api, place: Place, volume: string): Promise<void> {
  if (!(await findSecurable(api, 'schema', `${place.catalog}.${place.schema}`)))
    await createSchema(api, place);
  if (!(await findSecurable(api, 'volume', fullName(place, volume)))) await createVolume(api, place, volume);
}

/** The job a declaration's rows belong to. */
export const jobOf = ({ job }: Run, { job: given }: { readonly job?: number }): string =>
  given === undefined ? job : String(given);

/** The folder on the volume for everything this run stages. */
export const runFolder = ({ volume, job }: Run): string => `${volume}/${pathPart(job)}`;
