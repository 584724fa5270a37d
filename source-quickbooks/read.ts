// Reads the streams of a catalog: all of them together, as QuickBooks answers for many in one call.
import {
  asConnectorError,
  type ConfiguredStream,
  type ConnectorError,
  type Context,
  configError,
  errorMessage,
  isObject,
  logMessage,
  type Message,
  type ReadRequest,
  recordMessage,
  referenceOrder,
  type States,
  stateMessage,
  streamStatusMessage,
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
import { instantOf } from './values.ts';
import { readWhole } from './whole.ts';

/** A stream of the catalog, with what was and will be said of it. */
interface Open extends Selected {
  /** The states of all companies, as they stand. */
  readonly realms: Record<string, State>;
  running: boolean;
  ended: boolean;
  /** Records since the last state. */
  count: number;
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
      for (const { stream, ended } of opened)
        if (!ended) void context.say(streamStatusMessage(stream.name, 'RUNNING', clock.now(), until));
    },
  });
  const run: Run = { context, session, opened };
  const before = session.meter.reads().count;
  yield* refuseUnknown(request.catalog.streams, clock.now());
  for (const { stream } of opened) yield streamStatusMessage(stream.name, 'STARTED', clock.now());
  try {
    for await (const step of request.only ? onlySteps(run, request.only) : steps(run)) yield* tell(step, run);
  } catch (thrown) {
    if (signal.aborted) return;
    throw session.refused() ?? asConnectorError(thrown);
  } finally {
    await context.say(logMessage('INFO', bill(session.meter.reads(), before, config)));
  }
  if (signal.aborted) return;
  for (const open of opened) if (!open.ended) yield* conclude(open, undefined, run);
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
    const realms = statesOf(stream, states);
    const refresh = refreshes(configured);
    return [{ stream, refresh, realms, state: realms[realm] ?? {}, running: false, ended: false, count: 0 }];
  });
  return referenceOrder(known, ({ stream }) => stream);
}

/** What the last run left, by company. State that cannot be understood is an error, never a fresh start. */
function statesOf({ name }: Stream, states: States): Record<string, State> {
  const state = states.get(name);
  if (!state || Object.keys(state).length === 0) return {};
  const unreadable = (why: string) =>
    configError(
      `Cannot go on from the state of stream "${name}": ${why}, pass a state of this source or none to start afresh`,
      { stream: name },
    );
  if (!isObject(state.realms)) throw unreadable('it has no "realms"');
  for (const [realm, one] of Object.entries(state.realms)) {
    if (!isObject(one)) throw unreadable(`that of company "${realm}" is not an object`);
    const { cursor } = one;
    if (cursor !== undefined && instantOf(cursor) === undefined)
      throw unreadable(`the cursor ${JSON.stringify(cursor)} of company "${realm}" is no instant`);
  }
  return { ...(state.realms as Record<string, State>) };
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
  if ('data' in step) {
    if (!open.running) yield streamStatusMessage(name, 'RUNNING', clock.now());
    open.running = true;
    open.count += 1;
    yield recordMessage(name, step.data, clock.now());
  } else if ('state' in step) {
    open.realms[config.realm_id] = { ...step.state, reads: run.session.meter.reads() };
    yield stateMessage(name, { realms: { ...open.realms } }, open.count);
    open.count = 0;
  } else if ('note' in step) yield logMessage(step.level, step.note);
  else yield* conclude(open, 'failure' in step ? step.failure : undefined, run);
}

function* conclude(open: Open, failure: ConnectorError | undefined, { context }: Run): Generator<Message> {
  const now = context.clock.now();
  open.ended = true;
  if (failure) yield failureMessage(open.stream.name, failure, now);
  yield streamStatusMessage(open.stream.name, failure ? 'INCOMPLETE' : 'COMPLETE', now);
}

const failureMessage = (
  name: string,
  { message, kind, detail, stack }: ConnectorError,
  now: number,
): Message =>
  errorMessage(
    {
      message,
      failure_type: `${kind}_error`,
      ...(detail ? { internal_message: detail } : {}),
      ...(kind === 'system' && stack ? { stack_trace: stack } : {}),
      stream_descriptor: { name },
    },
    now,
  );

function* refuseUnknown(configured: readonly ConfiguredStream[], now: number): Generator<Message> {
  for (const { stream } of configured) {
    if (streamNamed(stream.name)) continue;
    const message = `Cannot read stream "${stream.name}": this source has no such stream, take it out of the catalog`;
    yield failureMessage(stream.name, configError(message), now);
    yield streamStatusMessage(stream.name, 'INCOMPLETE', now);
  }
}
