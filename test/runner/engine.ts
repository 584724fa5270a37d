// What tests of jobs share: a store, a pipeline of small programs, and a runner that claims and performs.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { type JobPorts, type Performed, performJob } from '../../runner/run/perform.ts';
import type { AuditFilter, AuditRow, Job, NewJob, Store } from '../../runner/store/index.ts';
import { temporaryFolder } from '../program.ts';
import { type DestinationScript, type SourceScript, type TestPipeline, writeEnds } from './ends.ts';
import { type Kind, storeOf } from './store-open.ts';

export const retry = { attempts: 3, first_seconds: 30, longest_minutes: 60 };
export const silent = { records() {}, message() {}, end() {} };

export interface Engine extends TestPipeline {
  readonly folder: string;
  readonly store: Store;
  add(job?: Partial<NewJob>): Promise<Job>;
  /** Claims the next job as if it were due, and performs it. */
  perform(ports?: Partial<JobPorts>): Promise<Performed>;
  audit(filter?: AuditFilter): Promise<readonly AuditRow[]>;
}

export async function openEngine(
  scripts: { readonly source: SourceScript; readonly destination?: DestinationScript },
  kind: Kind = 'sqlite',
): Promise<Engine> {
  const folder = await temporaryFolder();
  const store = await storeOf(kind, { clock: systemClock });
  const ends = await writeEnds(folder, 'pipe', scripts);
  const owner = 'tester';
  return {
    ...ends,
    folder,
    store,
    add: (job = {}) => store.jobs.add({ pipeline: 'pipe', cause: 'manual', dueAt: 0, ...job }),
    async perform(ports = {}) {
      // Retries wait for minutes: claimed as of later.
      const now = systemClock.now() + 86_400_000;
      const job = await store.jobs.claim(owner, { now, milliseconds: 60_000 });
      if (!job) throw new Error('no job is due');
      return await performJob(job, ends.pipeline, {
        settings: { file: `${folder}/ledgerpipe.yaml`, folder, retry },
        store,
        clock: systemClock,
        signal: new AbortController().signal,
        owner,
        leaseMilliseconds: 3_000,
        progress: silent,
        ...ports,
      });
    },
    async audit(filter = {}) {
      const rows: AuditRow[] = [];
      for await (const row of store.audit.find(filter)) rows.push(row);
      return rows;
    },
  };
}
