// Checks of several runs: at most so many at once, one line each, what a source rotates kept.
import { asConnectorError } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import {
  keepRotations,
  type PipelineSettings,
  refuseWithoutConsent,
  type Settings,
  told,
  withRotations,
  withVault,
} from '../settings/index.ts';
import type { Store } from '../store/index.ts';
import { type PlannedCheck, planChecks, titleOf } from './plan.ts';
import { type CheckResult, runCheck } from './run-check.ts';

/** Checks that run at the same time. */
const lanes = 4;

export interface CheckPorts {
  readonly settings: Pick<Settings, 'folder' | 'pipelines'>;
  readonly store: Store;
  readonly seconds: number;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Says one line for each; true when all are ok. A run whose settings are wrong is not started. */
export async function checkAll(runs: readonly PipelineSettings[], ports: CheckPorts): Promise<boolean> {
  const sound = runs.filter(({ problems }) => problems.length === 0);
  const checks = planChecks(sound);
  const rows = [
    ...runs.map(({ name }) => ({ title: name })),
    ...checks.map((check) => ({ title: titleOf(check) })),
  ];
  const width = Math.max(...rows.map(({ title }) => title.length));
  let ok = true;
  const report = (title: string, connector: string, result: CheckResult) => {
    ok &&= result.ok;
    const cells = [result.ok ? 'ok' : 'FAILED', title.padEnd(width), connector.padEnd(22), result.reason];
    ports.say(cells.join('  ').trimEnd());
  };
  const unsound = runs.filter((run) => !sound.includes(run));
  for (const { name, problems } of unsound)
    for (const problem of problems) report(name, 'settings', { ok: false, reason: told(problem) });
  await inLanes(checks, async (check) => {
    const { settings } = check;
    report(titleOf(check), settings.connector, await outcomeOf(check, ports));
  });
  return ok;
}

/** At most so many at once, and those of one lane in their order. */
async function inLanes(
  checks: readonly PlannedCheck[],
  work: (check: PlannedCheck) => Promise<void>,
): Promise<void> {
  const byLane = new Map<string, PlannedCheck[]>();
  for (const check of checks) byLane.set(check.lane, [...(byLane.get(check.lane) ?? []), check]);
  const queues = [...byLane.values()];
  const drain = async () => {
    for (let queue = queues.shift(); queue; queue = queues.shift())
      for (const check of queue) await work(check);
  };
  await Promise.all(Array.from({ length: lanes }, drain));
}

async function outcomeOf(check: PlannedCheck, ports: CheckPorts): Promise<CheckResult> {
  const { settings, secret, runs } = check;
  const { connector } = settings;
  const { secrets } = ports.store;
  try {
    const busy = secret === undefined ? undefined : await jobUsing(check, ports);
    if (busy !== undefined) return { ok: true, reason: `in use by job ${busy}: its run tells` };
    const written = await withVault(settings.config, secrets);
    const config = secret === undefined ? written : await withRotations(secrets, secret, written);
    if (secret !== undefined) refuseWithoutConsent({ name: runs[0] ?? '', source: settings }, config);
    return await runCheck({
      ...{ connector, config, folder: ports.settings.folder, seconds: ports.seconds, signal: ports.signal },
      async rotated(complete) {
        if (secret !== undefined) await keepRotations(secrets, secret, { written, rotated: complete });
      },
    });
  } catch (thrown) {
    return { ok: false, reason: asConnectorError(thrown).message };
  }
}

/** The job that runs on the same consent: a token that both rotate would be lost to one of them. */
async function jobUsing(
  { secret, lane }: PlannedCheck,
  { store, settings }: CheckPorts,
): Promise<number | undefined> {
  if (!lane.startsWith('connection ')) return undefined;
  const now = systemClock.now();
  const running = await store.jobs.list({ states: ['running'] });
  const users = running.filter(({ pipeline, leaseUntil = 0 }) => {
    const connection = settings.pipelines[pipeline]?.connection;
    return leaseUntil > now && connection !== undefined && `config:${connection}` === secret;
  });
  return users[0]?.id;
}
