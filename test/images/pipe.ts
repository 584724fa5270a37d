// Containers against the sandbox: source piped into destination, as Airbyte and as Singer programs, and the runner.
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { demoSources } from '../demo/sources.ts';
import type { ProductName, Sandbox } from '../sandbox/open.ts';
import type { DestinationName, Route } from '../sandbox/pipeline.ts';
import { type Container, environment, startContainer } from './buildah.ts';

const place = '/data';
const user = 1000;

/** A sandbox in which every product runs. */
export type FullSandbox = Sandbox<ProductName>;

/** What a sync goes from and to. */
export interface Journey extends Route {
  /** Names the folder of its configurations, and its schema in Databricks. */
  readonly name: string;
}

/** What of a ready configuration belongs to this machine, by its place in a container; undefined: the image has its own. */
const contained: Readonly<Record<DestinationName, (journey: Journey) => object>> = {
  databricks: ({ name }) => ({ schema: name }),
  looker: () => ({}),
  powerbi: () => ({ replica_folder: `${place}/replica` }),
  tableau: () => ({ hyperd_path: undefined }),
};

/** A folder of configurations that the containers see as /data: a schema of its own, and tokens of its own. */
export async function openData(
  sandbox: FullSandbox,
  { folder, journey }: { readonly folder: string; readonly journey: Journey },
): Promise<string> {
  const { from, to, name } = journey;
  const data = join(folder, name);
  await mkdir(data, { recursive: true });
  const source = await read(sandbox.configs[`source-${from}`]);
  const { refresh_token } = await sandbox[from].issueTokens();
  const destination = await read(sandbox.configs[`destination-${to}`]);
  const config = {
    source: {
      ...source,
      credentials: { ...(source.credentials as object), refresh_token },
      // The balances compared are those of this month's trial balance: read in every run.
      ...demoSources[from].config,
      token_store: `${place}/source.tokens`,
    },
    destination: { ...destination, ...contained[to](journey) },
  };
  await write(data, 'source.json', JSON.stringify(config.source));
  await write(data, 'destination.json', JSON.stringify(config.destination));
  await write(
    data,
    'ledgerpipe.yaml',
    stringify({
      store: `${place}/store`,
      pipelines: {
        books: {
          source: { connector: `source-${from}`, config: config.source },
          destination: { connector: `destination-${to}`, config: config.destination },
        },
      },
    }),
  );
  await chown(folder, user, user);
  await chmod(folder, 0o755);
  await chown(data, user, user);
  return data;
}

const read = async (file: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;

async function write(data: string, name: string, text: string): Promise<void> {
  await writeFile(join(data, name), text, { mode: 0o600 });
  await chown(join(data, name), user, user);
}

/** More folders of this machine, by their place in the containers. */
export type Shared = Readonly<Record<string, string>>;

export interface Pair {
  readonly source: Container;
  readonly destination: Container;
}

export async function withPair<T>(
  images: { readonly source: string; readonly destination: string },
  use: (pair: Pair) => Promise<T>,
): Promise<T> {
  const pair = {
    source: await startContainer(images.source),
    destination: await startContainer(images.destination),
  };
  try {
    return await use(pair);
  } finally {
    for (const container of Object.values(pair)) await container.remove();
  }
}

/** Pipes one container into another and gives what the second one printed: states. */
export async function pipe(
  { source, destination }: Pair,
  data: string,
  scripts: { readonly source: string; readonly destination: string; readonly shared?: Shared },
): Promise<string> {
  const volumes = { ...scripts.shared, [place]: data };
  const words = (line: readonly string[]) =>
    line.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const text = `${words(source.line(scripts.source, { volumes }))} | ${words(destination.line(scripts.destination, { volumes }))}`;
  const { stdout, stderr } = await promisify(execFile)('bash', ['-o', 'pipefail', '-c', text], {
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  // Singer programs report their metrics there, and they alone.
  const unexpected = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('INFO '));
  if (unexpected.length > 0) throw new Error(`Unexpected output on stderr: ${unexpected.join('\n')}`);
  return stdout;
}

/** One sync by the runner's image; gives its table. */
export async function runnerSync(image: string, data: string, shared: Shared = {}): Promise<string> {
  const container = await startContainer(image);
  try {
    return await container.run(`ledgerpipe sync books --file ${place}/ledgerpipe.yaml`, {
      volumes: { ...shared, [place]: data },
    });
  } finally {
    await container.remove();
  }
}
