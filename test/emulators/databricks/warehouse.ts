// The SQL warehouse as a state machine on the clock: any statement starts it, idle time may stop it.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { sleepUntil } from './waiting.ts';

export type WarehouseState = 'STOPPED' | 'STARTING' | 'RUNNING';

export interface WarehouseOptions {
  /** Where it begins; RUNNING unless a test is about starting. */
  readonly state?: 'RUNNING' | 'STOPPED';
  /** Emulator seconds from STARTING to RUNNING; serverless takes 2 to 6. */
  readonly startSeconds?: number;
  /** Idle emulator minutes until it stops by itself; 0 is never. */
  readonly autoStopMinutes?: number;
  /** Emulator seconds every statement runs before it does its work. */
  readonly statementSeconds?: number;
}

export interface WarehouseControl {
  readonly state: WarehouseState;
  /** How often it went from STOPPED to STARTING. */
  readonly starts: number;
  start(): void;
  stop(): void;
}

export class Warehouse implements WarehouseControl {
  readonly autoStopMinutes: number;
  readonly statementSeconds: number;
  readonly #clock: Clock;
  readonly #startSeconds: number;
  /** When it is (or was) RUNNING from; undefined while stopped. */
  #runningFrom: number | undefined;
  #idleSince: number;
  #busy = 0;
  #starts = 0;

  constructor(
    clock: Clock,
    { state = 'RUNNING', startSeconds = 5, autoStopMinutes = 0, statementSeconds = 0 }: WarehouseOptions,
  ) {
    this.#clock = clock;
    this.#startSeconds = startSeconds;
    this.autoStopMinutes = autoStopMinutes;
    this.statementSeconds = statementSeconds;
    this.#runningFrom = state === 'RUNNING' ? clock.now() : undefined;
    this.#idleSince = clock.now();
  }

  get state(): WarehouseState {
    const now = this.#clock.now();
    const idle = now - Math.max(this.#idleSince, this.#runningFrom ?? 0);
    const expired = this.autoStopMinutes > 0 && this.#busy === 0 && idle > this.autoStopMinutes * 60_000;
    if (expired) this.#runningFrom = undefined;
    if (this.#runningFrom === undefined) return 'STOPPED';
    return now < this.#runningFrom ? 'STARTING' : 'RUNNING';
  }

  get starts(): number {
    return this.#starts;
  }

  start(): void {
    if (this.state !== 'STOPPED') return;
    this.#starts += 1;
    this.#runningFrom = this.#clock.now() + this.#startSeconds * 1000;
  }

  stop(): void {
    this.#runningFrom = undefined;
  }

  /** Starts it if need be and resolves once it runs, or once `signal` aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.start();
      if (this.state === 'RUNNING') return;
      await sleepUntil(this.#clock, this.#runningFrom ?? 0, signal);
    }
  }

  /** Keeps it from stopping while work runs. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      this.#idleSince = this.#clock.now();
    }
  }

  /** As GET /api/2.0/sql/warehouses/{id} shows it. */
  describe({ id, host }: { id: string; host: string }): Record<string, unknown> {
    const { state } = this;
    return {
      id,
      name: 'Ledger warehouse',
      state,
      cluster_size: '2X-Small',
      auto_stop_mins: this.autoStopMinutes,
      enable_serverless_compute: true,
      warehouse_type: 'PRO',
      num_clusters: state === 'RUNNING' ? 1 : 0,
      min_num_clusters: 1,
      max_num_clusters: 1,
      channel: { name: 'CHANNEL_NAME_CURRENT' },
      health: { status: 'HEALTHY' },
      odbc_params: { hostname: host, path: `/sql/1.0/warehouses/${id}`, port: 443, protocol: 'https' },
      jdbc_url: `jdbc:spark://${host}:443/default;transportMode=http;ssl=1;httpPath=/sql/1.0/warehouses/${id};`,
    };
  }
}
