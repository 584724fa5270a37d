// Reads the streams of a catalog: all of them together, as QuickBooks answers for many in one call.
import {
  asConnectorError,
  type ConnectorError,
  type Context,
  isObject,
  logMessage,
  type Message,
  type ReadRequest,
  referenceOrder,
  refuseUnknown,
  type StreamRead,
  streamStatusMessage,
  tellEnd,
  tellRecord,
  tellState,
  tenantStates,
} from '@airbyte/cdk-typescript-shim';
import { type Ended, type Runner, runAll } from './batches.ts';
import { type Reads, readsIn } from './meter.ts';
import { readOnly, referencesOf } from './only.ts';
import { type Reading, refreshes, type Selected, type State, type Step } from './reading.ts';
import { readReport } from './reports.ts';
import { openSession, type Session } from './session.ts';
import type { Config } from './spec.ts';
import { type Stream, streamNamed } from './streams.ts';
import { readTables } from './tables.ts';
import { readWhole } from './whole.ts';

/** Ten calls a second are soon made: a wait for the next second is no news. */
const WORTH_TELLING = 2_000;

const isStream = (name: string): boolean => streamNamed(name) !== undefined;

/** A stream of the catalog, with what was and will be said of it. */
interface Open extends Selected, StreamRead {
  readonly stream: Stream;
  /** The states of all companies, as they stand. */
  readonly realms: Record<string, State>;
  ended: boolean;
}

interface Run {
  readonly context: Context<Config>;
  readonly session: Session;
  readonly opened: readonly Open[];
}

export async function* read(context: Context<Config>, request: ReadRequest): AsyncGenerator<Message> {
  const { config, clock, signal } = context;
  const opened = openStreams(request, config.realm_id);
  const session = openSession(context, {
    before: readsIn([...request.states.values()].flatMap((state) => realmStates(state))),
    onWait({ until }) {
      if (until - clock.now() < WORTH_TELLING) return;
      for (const { stream, ended } of opened)
        if (!ended) void context.say(streamStatusMessage(stream.name, 'RUNNING', clock.now(), until));
    },
  });
  const run: Run = { context, session, opened };
  const before = session.meter.reads().count;
  yield* refuseUnknown(request.catalog.streams, isStream, clock.now());
  for (const { stream } of opened) yield streamStatusMessage(stream.name, 'STARTED', clock.now());
  try {
    for await (const step of request.only ? onlySteps(run, request.only) : steps(run)) yield* tell(step, run);
  } catch (thrown) {
    if (signal.aborted) return;
    throw session.refused() ?? asConnectorError(thrown);
  } finally {
    await context.say(logMessage('INFO', bill(session.meter.reads(), before, config)));
    await session.quotas.end();
  }
  if (signal.aborted) return;
  for (const open of opened) if (!open.ended) yield* conclude(open, [], run);
}

/** What the run has cost. */
function bill({ month, count }: Reads, before: number, { monthly_reads: budget }: Config): string {
  const of = budget === undefined ? '' : ` of ${budget}`;
  return `Made ${Math.max(0, count - before)} calls to QuickBooks; ${count}${of} in ${month}`;
}

function realmStates(state: Readonly<Record<string, unknown>>): readonly unknown[] {
  return isObject(state.realms) ? Object.values(state.realms) : [];
}

/** The streams in reference order: what others refer to comes first. */
function openStreams({ catalog, states }: ReadRequest, realm: string): readonly Open[] {
  const known = catalog.streams.flatMap((configured) => {
    const stream = streamNamed(configured.stream.name);
    if (!stream) return [];
    const realms = tenantStates(stream.name, states, { field: 'realms', tenant: 'company' });
    const refresh = refreshes(configured);
    return [{ stream, refresh, realms, state: realms[realm] ?? {}, running: false, ended: false, count: 0 }];
  });
  return referenceOrder(known, ({ stream }) => stream);
}

/** Small tables and first reads together, changes, reports: each part of it in as few calls as it fits into. */
async function* steps({ context, session, opened }: Run): AsyncGenerator<Step | Ended<unknown>> {
  const { config, clock } = context;
  const reading: Reading = { api: session.api, realm: config.realm_id, config, clock };
  const { size, realm } = { size: config.page_size, realm: config.realm_id };
  const wholes = opened
    .filter(({ stream }) => stream.how.by === 'whole')
    .map((selected): Runner<void> => ({ ...selected, course: readWhole(selected, { realm, size }) }));
  const tables = opened.filter(({ stream }) => stream.how.by === 'changes' || stream.how.by === 'counted');
  yield* readTables(tables, { reading, others: wholes });
  for (const selected of opened)
    if (selected.stream.how.by === 'report') yield* readReport(selected, reading);
}

async function* onlySteps(
  { context, session, opened }: Run,
  only: NonNullable<ReadRequest['only']>,
): AsyncGenerator<Step | Ended<unknown>> {
  const { realm_id: realm, batch_size: width } = context.config;
  const { byStream, left } = referencesOf(only, { realm, streams: opened.map(({ stream }) => stream) });
  for (const { stream, tenant, id } of left)
    await context.say(
      logMessage(
        'WARN',
        `Nothing was read for record "${id}" of stream "${stream}" in company "${tenant}": this run reads company "${realm}", and only streams whose records can be asked for by id`,
      ),
    );
  const now = context.clock.now();
  const runners = [...byStream].map(
    ([stream, ids]): Runner<void> => ({ stream, course: readOnly(stream, { ids, realm, now }) }),
  );
  yield* runAll(runners, { ask: session.api.ask, width });
}

function* tell(step: Step | Ended<unknown>, run: Run): Generator<Message> {
  const { name } = step.stream;
  const { clock, config } = run.context;
  const open = run.opened.find(({ stream }) => stream.name === name);
  if (!open || open.ended) return;
  if ('data' in step) yield* tellRecord(open, step.data, clock.now());
  else if ('state' in step) {
    open.realms[config.realm_id] = { ...step.state, reads: run.session.meter.reads() };
    yield tellState(open, { realms: { ...open.realms } });
  } else if ('note' in step) yield logMessage(step.level, step.note);
  else yield* conclude(open, 'failure' in step ? [step.failure] : [], run);
}

function* conclude(open: Open, failures: readonly ConnectorError[], { context }: Run): Generator<Message> {
  open.ended = true;
  yield* tellEnd(open.stream.name, failures, context.clock.now());
}
