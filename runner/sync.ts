// One sync: source and destination as children, bytes between them, states kept as the destination returns them.
import { join } from 'node:path';
import { configError, type Message, streamKey } from '@airbyte/cdk-typescript-shim';
import type { Progress } from '@airbyte/cdk-typescript-shim/kit';
import { configure, discovered } from './catalog.ts';
import { type Child, messagesOf, startChild } from './child.ts';
import { openRunFiles, type RunFiles } from './files.ts';
import { lockPipeline } from './lock.ts';
import { forgetChildren, noteChildren, stopOrphans } from './orphans.ts';
import { commandOf } from './registry.ts';
import { relay } from './relay.ts';
import type { PipelineSettings, Settings } from './settings.ts';
import { PipelineStore } from './store.ts';
import { Tally } from './tally.ts';

export interface SyncPorts {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Runs `name` once and tells what moved. Throws a ConnectorError when it could not begin. */
export async function sync(settings: Settings, name: string, ports: SyncPorts): Promise<Tally> {
  const pipeline = settings.pipelines[name];
  if (!pipeline)
    throw configError(
      `Unknown pipeline "${name}": the file has ${Object.keys(settings.pipelines).join(', ')}`,
    );
  const folder = join(settings.store, name);
  const release = await lockPipeline(folder, name);
  await stopOrphans(folder);
  const files = await openRunFiles(folder);
  try {
    return await syncOnce(pipeline, { folder, store: await PipelineStore.open(folder), files, ...ports });
  } finally {
    await files.remove();
    await forgetChildren(folder);
    await release();
  }
}

interface Run extends SyncPorts {
  readonly folder: string;
  readonly store: PipelineStore;
  readonly files: RunFiles;
}

async function syncOnce(pipeline: PipelineSettings, run: Run): Promise<Tally> {
  const { store, files, signal } = run;
  const job = await store.beginJob();
  const sourceCommand = commandOf(pipeline.source.connector);
  const destinationCommand = commandOf(pipeline.destination.connector);
  const config = await files.write('source.json', await store.withRotations(pipeline.source.config));
  const finding = startChild(pipeline.source.connector, sourceCommand, ['discover', '--config', config]);
  const catalog = configure(await discovered(finding), { streams: pipeline.streams, job });
  const catalogFile = await files.write('catalog.json', catalog);
  const source = startChild(pipeline.source.connector, sourceCommand, [
    ...['read', '--config', config, '--catalog', catalogFile],
    ...(store.states.length > 0 ? ['--state', await files.write('state.json', store.states)] : []),
  ]);
  const destination = startChild(pipeline.destination.connector, destinationCommand, [
    ...['write', '--config', await files.write('destination.json', pipeline.destination.config)],
    ...['--catalog', catalogFile],
  ]);
  await noteChildren(run.folder, [source, destination]);
  stopInOrder({ source, destination }, signal);
  const tally = new Tally();
  await Promise.all([
    feed({ source, destination }, { pipeline, tally, run }),
    collect(destination, { tally, run }),
  ]);
  await tally.ended({ source, destination });
  if (tally.ok) await store.finishJob(job);
  return tally;
}

async function feed(
  { source, destination }: { source: Child; destination: Child },
  { pipeline, tally, run }: { pipeline: PipelineSettings; tally: Tally; run: Run },
): Promise<void> {
  await relay(source.process.stdout, destination.process.stdin, {
    records(stream, count) {
      tally.read(stream, count);
      run.progress.records(stream, count);
    },
    async message(message) {
      run.progress.message(message);
      tally.heard('source', message);
      if (message.type === 'CONTROL' && message.control.connectorConfig)
        await run.store.keepRotation(pipeline.source.config, message.control.connectorConfig.config);
    },
  });
  destination.process.stdin.end();
  // The destination has gone away: nobody takes what the source still reads.
  if (source.process.exitCode === null) source.process.kill('SIGTERM');
}

async function collect(destination: Child, { tally, run }: { tally: Tally; run: Run }): Promise<void> {
  for await (const message of messagesOf(destination)) {
    run.progress.message(message);
    tally.heard('destination', message);
    if (message.type !== 'STATE') continue;
    await run.store.keepState(message.state);
    tally.committed(streamOf(message), message.state.destinationStats?.recordCount ?? 0);
  }
}

const streamOf = (message: Extract<Message, { type: 'STATE' }>): string => {
  const descriptor = message.state.stream?.stream_descriptor;
  return descriptor ? streamKey(descriptor.name, descriptor.namespace) : '(all streams)';
};

const destinationGrace = 60_000;
const sourceGrace = 10_000;

/** Asked to stop: the source first, so that the destination sees its end and commits what it has. */
function stopInOrder(
  { source, destination }: { source: Child; destination: Child },
  signal: AbortSignal,
): void {
  const stop = () => {
    source.process.kill('SIGTERM');
    setTimeout(() => source.process.kill('SIGKILL'), sourceGrace).unref();
    setTimeout(() => destination.process.kill('SIGTERM'), destinationGrace).unref();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
}
