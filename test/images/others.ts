// The destinations beside Databricks: a sync by their own image, one by the runner's, and the books beside both.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runningDestinations } from '../demo/destinations.ts';
import { demoSources, runningSource } from '../demo/sources.ts';
import type { DestinationName } from '../sandbox/pipeline.ts';
import { command } from './buildah.ts';
import { type FullSandbox, openData, type Pair, pipe, runnerSync, type Shared } from './pipe.ts';

export type OtherName = Exclude<DestinationName, 'databricks'>;

export interface OtherSync {
  readonly folder: string;
  readonly to: OtherName;
  readonly pair: Pair;
  /** The image of the runner. */
  readonly runner: string;
}

/**
 * Everything from Xero, as the Airbyte platform carries it, and once more by the runner, which knows nothing of the
 * first. Gives the number of figures that were compared; throws where one differs from the books.
 */
export async function syncOther(
  sandbox: FullSandbox,
  { folder, to, pair, runner }: OtherSync,
): Promise<number> {
  const data = await openData(sandbox, { folder, journey: { from: 'xero', to, name: `to_${to}` } });
  const shared = await sharedFor(data);
  await pipe(pair, data, {
    source: '$AIRBYTE_ENTRYPOINT read --config /data/source.json',
    destination: '$AIRBYTE_ENTRYPOINT write --config /data/destination.json',
    shared,
  });
  const first = await agreed(sandbox, to);
  // Its emulator keeps the true quota of requests a minute: a second run would wait for it, for no other package.
  if (to === 'powerbi') return first;
  await runnerSync(runner, data, shared);
  return first + (await agreed(sandbox, to));
}

/** The remote of Looker's project is a folder of this machine: git trusts those of its own user, and others by its settings. */
async function sharedFor(data: string): Promise<Shared> {
  const text = await readFile(join(data, 'destination.json'), 'utf8');
  const { model } = JSON.parse(text) as { readonly model?: { readonly git_remote: string } };
  if (!model) return {};
  await command('chmod', ['-R', 'a+rwX', model.git_remote]);
  const settings = join(data, 'gitconfig');
  await writeFile(settings, '[safe]\n\tdirectory = *\n', { mode: 0o644 });
  return { [model.git_remote]: model.git_remote, '/etc/gitconfig': settings };
}

async function agreed(sandbox: FullSandbox, to: OtherName): Promise<number> {
  const { books, xero } = sandbox;
  const source = { ...demoSources.xero, ...runningSource({ books, xero }) };
  const { agrees, compared, text } = await runningDestinations[to](sandbox).prove(source);
  assert.ok(agrees, `What landed in ${to} differs from the books:\n${text}`);
  return compared;
}
