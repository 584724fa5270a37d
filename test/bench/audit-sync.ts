// One sync in a process of its own, with or without the audit trail; prints what it cost.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { sync } from '../../runner/run/sync.ts';
import { readSettings, runsOf } from '../../runner/settings/index.ts';
import { openVaultedStore } from '../../runner/vault/open.ts';

const [file = '', name = '', audit] = process.argv.slice(2);
const settings = await readSettings(file, process.env);
const [pipeline] = runsOf(settings, name);
if (!pipeline) throw new Error(`no pipeline "${name}"`);
const store = await openVaultedStore(settings, { environment: process.env, clock: systemClock });
const before = process.cpuUsage();
const began = performance.now();
const job = await sync(pipeline, {
  settings,
  store,
  clock: systemClock,
  signal: new AbortController().signal,
  progress: { records() {}, message() {}, end() {} },
  performed: ({ error, tally }) => {
    if (error ?? tally.failure) throw new Error((error ?? tally.failure)?.message);
  },
  audit: audit === 'on',
});
const { user, system } = process.cpuUsage(before);
const seconds = (performance.now() - began) / 1000;
await store.close();
process.stdout.write(JSON.stringify({ seconds, processor: (user + system) / 1e6, records: job.committed }));
