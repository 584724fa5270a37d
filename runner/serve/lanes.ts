// Which jobs run here and now: several at once, one per pipeline and per shared consent, short ones never behind long ones.
import { join } from 'node:path';
import { asConnectorError, type Clock } from '@airbyte/cdk-typescript-shim';
import { claimable } from '../run/connections.ts';
import { stopOrphans } from '../run/orphans.ts';
import type { PipelineSettings, Settings } from '../settings/index.ts';
import type { DueJob, Job, Store } from '../store/contract.ts';
import type { Log } from './log.ts';

export interface LanesPorts {
  readonly settings: Pick<Settings, 'pipelines' | 'folder'>;
  readonly store: Pick<Store, 'jobs'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  readonly leaseMilliseconds: number;
  /** Jobs at once. One more works on single records alone, so that webhooks wait for no first read. */
  readonly lanes: number;
  /** Aborted: nothing is claimed any more. */
  readonly signal: AbortSignal;
  perform(job: Job, pipeline: PipelineSettings): Promise<void>;
  /** A lane is free again. */
  freed(): void;
}

/**
 * Single records go before whole streams that have been due for less than a quarter of an hour: where a thousand
 * tenants share a consent, a webhook does not wait for the polls of all others, nor they for ever.
 */
const headStart = 15 * 60_000;

const placeOf = ({ single, dueAt }: DueJob): number => (single ? dueAt - headStart : dueAt);

interface Running {
  readonly pipeline: PipelineSettings;
  readonly extra: boolean;
  readonly ended: Promise<void>;
}

export class Lanes {
  readonly #ports: LanesPorts;
  readonly #running = new Map<string, Running>();

  constructor(ports: LanesPorts) {
    this.#ports = ports;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Claims and begins what is due, as far as there are lanes. */
  async fill(now: number): Promise<void> {
    if (!this.#free(true)) return;
    const due = await this.#ports.store.jobs.due(now);
    if (due.length === 0) return;
    const open = new Set(claimable(this.#ports.settings.pipelines, new Set(this.#running.keys())));
    for (const { pipeline: name, single } of due.toSorted((one, other) => placeOf(one) - placeOf(other))) {
      if (this.#ports.signal.aborted) return;
      if (!open.has(name) || !this.#free(single)) continue;
      const claimed = await this.#claim(name, single);
      // Whether it runs here now or elsewhere: neither it nor who shares its consent can begin in this round.
      for (const closed of this.#sharing(name)) open.delete(closed);
      if (claimed && !this.#free(true)) return;
    }
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all([...this.#running.values()].map(({ ended }) => ended));
  }

  /** Ends the connectors of all runs without waiting for what they have under way; kills them after `grace`. */
  async stopAtOnce(grace: number): Promise<void> {
    const names = [...this.#running.keys()];
    await Promise.all(names.map((name) => stopOrphans(this.#folderOf(name), grace)));
  }

  #free(single: boolean): boolean {
    const extra = [...this.#running.values()].filter((run) => run.extra).length;
    return this.#running.size - extra < this.#ports.lanes || (single && extra === 0);
  }

  #sharing(name: string): readonly string[] {
    const { pipelines } = this.#ports.settings;
    const own = pipelines[name];
    if (!own?.exclusive) return [name];
    return Object.values(pipelines)
      .filter(({ exclusive, connection }) => exclusive && connection === own.connection)
      .map((other) => other.name);
  }

  async #claim(name: string, single: boolean): Promise<boolean> {
    const { settings, store, clock, owner, leaseMilliseconds } = this.#ports;
    const extra = !this.#free(false);
    const pipeline = settings.pipelines[name];
    if (!pipeline) return false;
    const job = await store.jobs.claim(owner, {
      now: clock.now(),
      milliseconds: leaseMilliseconds,
      pipelines: [name],
      ...(pipeline.exclusive && { connection: pipeline.connection }),
      ...(single && { single }),
    });
    if (!job) return false;
    this.#running.set(name, { pipeline, extra, ended: this.#work(job, pipeline) });
    return true;
  }

  async #work(job: Job, pipeline: PipelineSettings): Promise<void> {
    const { log, perform, freed } = this.#ports;
    try {
      await this.#stopSiblings(pipeline);
      await perform(job, pipeline);
    } catch (thrown) {
      const { kind, message } = asConnectorError(thrown);
      log.error({ job: job.id, pipeline: job.pipeline, kind, reason: message }, 'job is left to its lease');
    } finally {
      this.#running.delete(pipeline.name);
      freed();
    }
  }

  /** Connectors of a killed runner may still use the consent that this run has now to itself. */
  async #stopSiblings({ name }: PipelineSettings): Promise<void> {
    const others = this.#sharing(name).filter((other) => other !== name);
    await Promise.all(others.map((other) => stopOrphans(this.#folderOf(other))));
  }

  #folderOf(name: string): string {
    return join(this.#ports.settings.folder, name);
  }
}
