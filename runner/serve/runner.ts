// `ledgerpipe serve` put together: one process that claims jobs, plans them, receives events and shows what it does.
import { setMaxListeners } from 'node:events';
import type { Clock } from '@airbyte/cdk-typescript-shim';
import type { FastifyPluginAsync } from 'fastify';
import type { PipelineSettings, Settings } from '../settings/index.ts';
import type { Store } from '../store/contract.ts';
import { FailureHook } from './failure-hook.ts';
import { notReady } from './health.ts';
import { openHttp } from './http.ts';
import { Lanes } from './lanes.ts';
import { LiveRuns } from './live.ts';
import type { Log } from './log.ts';
import { Loop, type Part } from './loop.ts';
import { openMetrics } from './metrics.ts';
import { type PerformerPorts, perform } from './performer.ts';
import { planOf } from './planned.ts';
import { Schedules } from './schedules.ts';
import { StaleDimensions } from './stale.ts';
import { upkeep } from './upkeep.ts';
import { watchedStore } from './watched-store.ts';

/** What webhooks and page are given. */
export interface RoutePorts {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly live: LiveRuns;
}

export interface RunnerPorts {
  /** With the secrets of `http`, `webhooks` and `on_failure` in the clear. */
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Names this process among those that share the store. */
  readonly owner: string;
  /** Jobs at once. */
  readonly lanes: number;
  /** A runner that died keeps its jobs from others for so long. */
  readonly leaseMilliseconds: number;
  readonly version: string;
  /** Plugins of webhooks and page. */
  readonly routes: (ports: RoutePorts) => readonly FastifyPluginAsync[];
  /** One pass over the events that came; gives how many were dealt with. Absent: none are received. */
  readonly gather?: (store: Store) => Promise<number>;
  readonly hasWebhooks: (pipeline: PipelineSettings) => boolean;
}

export interface Runner {
  readonly url: string;
  readonly lanes: Lanes;
  /**
   * Stops in order: nothing new begins, sources are told to stop, what was read is committed, jobs go back. Whoever
   * is not done by then is stopped at once; false: a job could not be given back, and waits for its lease.
   */
  drain(milliseconds: number): Promise<boolean>;
}

const idlePause = 500;
/** While events are gathered: their window is a few seconds, and a person waits for the row. */
const busyPause = 250;

/** Starts everything; the address answers when it resolves. Throws when the address or the vault cannot be had. */
export async function startRunner(ports: RunnerPorts): Promise<Runner> {
  const { settings, clock, log, gather } = ports;
  await ports.store.secrets.prove();
  const work = openWork(ports);
  const { store, live, metrics, lanes, stop } = work;
  const schedules = await Schedules.open(planOf(settings, ports), { store, log, now: clock.now() });
  const parts = partsOf({ settings, store, clock, log, schedules, lanes, ...(gather && { gather }) });
  const pause = (now: number): number => {
    const usual = now < work.gathering.until ? busyPause : idlePause;
    // One that is still due could not be seen to: it is tried again at the usual pace.
    return schedules.next > now ? Math.min(usual, schedules.next - now) : usual;
  };
  const loop = new Loop(parts, { clock, log, pause });
  work.wake.up = loop.wake;
  const health = { store, clock, lastTick: () => loop.lastTick, draining: () => stop.signal.aborted };
  const http = await openHttp({
    ...{ http: settings.http, log, metrics, notReady: () => notReady(health) },
    routes: ports.routes({ settings, store, clock, log, live }),
  });
  const looping = loop.run();
  return {
    url: http.url,
    lanes,
    async drain(milliseconds) {
      loop.stop();
      stop.abort();
      const done = await drained({ lanes, hook: work.hook, clock, looping }, milliseconds);
      await http.close();
      return done;
    },
  };
}

/** All that jobs need, before anything moves. */
function openWork(ports: RunnerPorts) {
  const { settings, clock, log, owner, leaseMilliseconds } = ports;
  const live = new LiveRuns();
  const metrics = openMetrics({ store: ports.store, live, version: ports.version });
  const wake = { up: (): void => undefined };
  const gathering = { until: 0 };
  const store = watchedStore(ports.store, {
    added: () => wake.up(),
    took(source, counts) {
      metrics.took(source, counts);
      if (counts.fresh === 0) return;
      gathering.until = clock.now() + settings.webhook.window_seconds * 1000 + idlePause;
      wake.up();
    },
  });
  const hook = new FailureHook({ url: settings.on_failure?.url, page: settings.http.public_url, clock, log });
  const stop = new AbortController();
  // Each run listens to it.
  setMaxListeners(0, stop.signal);
  const performer: PerformerPorts = {
    ...{ settings, store, clock, log, owner, leaseMilliseconds, live, metrics, hook },
    ...{ signal: stop.signal, stale: new StaleDimensions() },
  };
  const lanes = new Lanes({
    ...{ settings, store, clock, log, owner, leaseMilliseconds, lanes: ports.lanes, signal: stop.signal },
    perform: (job, pipeline) => perform(job, pipeline, performer),
    freed: () => wake.up(),
  });
  return { store, live, metrics, hook, stop, lanes, wake, gathering };
}

interface Parts extends Pick<RunnerPorts, 'settings' | 'store' | 'clock' | 'log' | 'gather'> {
  readonly schedules: Schedules;
  readonly lanes: Lanes;
}

/** In this order: what becomes due in a round begins in it. */
function partsOf({ settings, store, clock, log, gather, schedules, lanes }: Parts): readonly Part[] {
  let gathered = 0;
  const gathering = async (now: number): Promise<void> => {
    if (!gather || now - gathered < busyPause) return;
    gathered = now;
    const events = await gather(store);
    if (events > 0) log.info({ events }, 'events gathered');
  };
  const retentionDays = settings.audit.retention_days;
  return [
    { name: 'schedules', run: (now) => schedules.run(now) },
    { name: 'webhooks', run: gathering },
    { name: 'jobs', run: (now) => lanes.fill(now) },
    upkeep({ store, log, retentionDays, began: clock.now() }),
  ];
}

interface Draining {
  readonly lanes: Lanes;
  readonly hook: FailureHook;
  readonly clock: Clock;
  readonly looping: Promise<void>;
}

/** For whoever is told of failures, when the process ends. */
const lastWord = 2_000;

/** What is kept of the time for connectors that do not end: to cancel what they have under way, and to be killed. */
const cancelling = { share: 0.3, most: 10_000 };
const killing = { share: 0.1, most: 2_000 };

async function drained({ lanes, hook, clock, looping }: Draining, milliseconds: number): Promise<boolean> {
  // The last round may have claimed a job.
  const all = looping.then(() => lanes.idle()).then(() => true);
  const within = async (time: number): Promise<boolean> => {
    const over = new AbortController();
    const late = clock.sleep(time, over.signal).then(() => false);
    late.catch(() => undefined);
    return await Promise.race([all, late]).finally(() => over.abort());
  };
  const part = ({ share, most }: typeof killing): number => Math.min(most, milliseconds * share);
  const last = part(cancelling) + part(killing);
  let done = await within(milliseconds - last);
  if (!done) {
    lanes.stopAtOnce(part(cancelling)).catch(() => undefined);
    done = await within(last);
  }
  await hook.end(AbortSignal.timeout(lastWord));
  return done;
}
