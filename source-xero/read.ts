// Reads the streams of a catalog, endpoint by endpoint and organisation by organisation.
import {
  asConnectorError,
  type ConnectorError,
  type Context,
  logMessage,
  type Message,
  type ReadRequest,
  type RecordReference,
  referenceOrder,
  refuseUnknown,
  type States,
  type StreamRead,
  streamStatusMessage,
  tellEnd,
  tellRecord,
  tellState,
  tenantStates,
} from '@airbyte/cdk-typescript-shim';
import { reachOf, type Tenant } from './api.ts';
import { readBudgets } from './budgets.ts';
import { readCensus, readSnapshot } from './census.ts';
import { interleave } from './interleave.ts';
import { readJournals } from './journals.ts';
import { readModified } from './modified.ts';
import { readOnly } from './only.ts';
import { type Reading, refreshes, type State, type Step } from './reading.ts';
import { readReport } from './reports.ts';
import { notConnected, openSession, type Session, tenantsOf } from './session.ts';
import type { Config } from './spec.ts';
import { type Stream, streamNamed } from './streams.ts';
import { instantOf } from './values.ts';

const TENANTS_AT_ONCE = 4;

const isStream = (name: string): boolean => streamNamed(name) !== undefined;

/** A stream of the catalog, with what was and will be said of it. */
interface Open extends StreamRead {
  readonly stream: Stream;
  readonly refresh: boolean;
  readonly tenants: Record<string, State>;
}

export async function* read(context: Context<Config>, request: ReadRequest): AsyncGenerator<Message> {
  const { config, clock } = context;
  let endpoint: readonly Open[] = [];
  const session = openSession(context, ({ until }) => {
    for (const { stream } of endpoint)
      void context.say(streamStatusMessage(stream.name, 'RUNNING', clock.now(), until));
  });
  const tenants = await tenantsOf(session.api, config.tenant_ids);
  yield* refuseUnknown(request.catalog.streams, isStream, clock.now());
  const run: Run = { context, session, tenants: tenants.connected, down: new Map() };
  try {
    for (const opened of endpointsOf(request)) {
      endpoint = opened;
      for (const { stream } of opened) yield streamStatusMessage(stream.name, 'STARTED', clock.now());
      const failures = tenants.missing.map(notConnected);
      failures.push(...(yield* readEndpoint(opened, run, request.only)));
      if (context.signal.aborted) return;
      for (const { stream } of opened) yield* tellEnd(stream.name, failures, clock.now());
    }
  } finally {
    await session.quotas.end();
  }
}

interface Run {
  readonly context: Context<Config>;
  readonly session: Session;
  readonly tenants: readonly Tenant[];
  /** Organisations that cannot be read at all, and why. */
  readonly down: Map<string, ConnectorError>;
}

/** The streams in reference order (what others refer to comes first), those of one endpoint together. */
function endpointsOf({ catalog, states }: ReadRequest): readonly (readonly Open[])[] {
  const known = catalog.streams.flatMap((configured) => {
    const stream = streamNamed(configured.stream.name);
    return stream ? [{ stream, refresh: refreshes(configured), tenants: statesOf(stream, states) }] : [];
  });
  const endpoints = new Map<string, Open[]>();
  for (const entry of referenceOrder(known, ({ stream }) => stream)) {
    const endpoint = endpoints.get(entry.stream.path) ?? [];
    endpoints.set(entry.stream.path, [...endpoint, { ...entry, running: false, count: 0 }]);
  }
  return [...endpoints.values()];
}

/** By organisation; journals go on from a number. */
const statesOf = ({ name }: Stream, states: States): Record<string, State> =>
  tenantStates(name, states, {
    field: 'tenants',
    tenant: 'organisation',
    isCursor: (cursor) => typeof cursor === 'number' || instantOf(cursor) !== undefined,
  });

/** Organisations have quotas of their own, so some are read side by side; their states stand apart in every message. */
async function* readEndpoint(
  opened: readonly Open[],
  run: Run,
  only: ReadRequest['only'],
): AsyncGenerator<Message, readonly ConnectorError[]> {
  const readings = run.tenants.map((tenant) => readTenant(opened, { tenant, run, only }));
  const failures = yield* interleave(readings, TENANTS_AT_ONCE);
  return failures.filter((failure) => failure !== undefined);
}

/** One endpoint of one organisation; a failure is returned, unless it ends the whole run. */
async function* readTenant(
  opened: readonly Open[],
  { tenant, run, only }: { tenant: Tenant; run: Run; only: ReadRequest['only'] },
): AsyncGenerator<Message, ConnectorError | undefined> {
  const { context, session, down } = run;
  const known = down.get(tenant.id);
  if (known) return known;
  const reading: Reading = {
    api: session.api,
    tenant,
    selected: opened.map(({ stream, refresh, tenants }) => ({
      stream,
      refresh,
      state: tenants[tenant.id] ?? {},
    })),
    config: context.config,
    clock: context.clock,
  };
  try {
    if (only) yield* tellOnly(reading, { opened, only, context });
    else
      for await (const step of readBy(reading))
        yield* tell(step, { opened, tenant, now: context.clock.now() });
    return undefined;
  } catch (thrown) {
    if (context.signal.aborted) return undefined;
    const refused = session.refused();
    if (refused) throw refused;
    const error = asConnectorError(thrown);
    if (reachOf(error) === 'tenant') down.set(tenant.id, error);
    return error;
  }
}

function readBy(reading: Reading): AsyncGenerator<Step> {
  const how = reading.selected[0]?.stream.how.by ?? 'snapshot';
  switch (how) {
    case 'modified':
      return readModified(reading);
    case 'census':
      return readCensus(reading);
    case 'snapshot':
      return readSnapshot(reading);
    case 'budgets':
      return readBudgets(reading);
    case 'journals':
      return readJournals(reading);
    case 'report':
      return readReport(reading);
    default:
      return how satisfies never;
  }
}

function* tell(
  step: Step,
  { opened, tenant, now }: { opened: readonly Open[]; tenant: Tenant; now: number },
): Generator<Message> {
  const { name } = step.stream;
  const open = opened.find(({ stream }) => stream.name === name);
  if (!open) return;
  if ('data' in step) {
    yield* tellRecord(open, step.data, now);
    return;
  }
  open.tenants[tenant.id] = step.state;
  yield tellState(open, { tenants: { ...open.tenants } });
}

async function* tellOnly(
  reading: Reading,
  {
    opened,
    only,
    context,
  }: { opened: readonly Open[]; only: readonly RecordReference[]; context: Context<Config> },
): AsyncGenerator<Message> {
  const { tenant } = reading;
  const here = only.filter(
    ({ stream, tenant: id }) =>
      id.toLowerCase() === tenant.id.toLowerCase() && opened.some((open) => open.stream.name === stream),
  );
  // The streams of an endpoint that find a single record in different ways are asked apart.
  for (const single of new Set(opened.map(({ stream }) => stream.single))) {
    const selected = reading.selected.filter(({ stream }) => stream.single === single);
    const references = here.filter((one) => selected.some(({ stream }) => stream.name === one.stream));
    if (references.length === 0) continue;
    for await (const found of readOnly({ ...reading, selected }, references)) {
      const now = context.clock.now();
      if ('unknown' in found) yield logMessage('WARN', unknownRecord(found.unknown));
      else yield* tell(found, { opened, tenant, now });
    }
  }
}

const unknownRecord = ({ stream, tenant, id }: RecordReference): string =>
  `Nothing was read for record "${id}" of stream "${stream}": organisation "${tenant}" has no such record`;
