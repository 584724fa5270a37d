// A login through the source's own program; the consent goes to the vault, and nothing of it stays on disk.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import { commandOf } from '../registry.ts';
import {
  keepRotations,
  type PipelineSettings,
  type Settings,
  secretOf,
  tenantsOf,
  withVault,
} from '../settings/index.ts';
import type { Secrets } from '../store/index.ts';
import { keyVariable } from '../vault/key.ts';
import { newKeyVariable } from '../vault/rotate.ts';
import { openPrivateFile } from './private-file.ts';

export interface LoginOptions {
  readonly settings: Pick<Settings, 'folder'>;
  readonly secrets: Secrets;
  /** Runs of one connection. */
  readonly runs: readonly PipelineSettings[];
}

export interface LoggedIn {
  /** Tenants that the person chose. */
  readonly tenants: readonly string[];
  /** Runs whose tenant is not among them. */
  readonly left: readonly PipelineSettings[];
}

/** Asks for the consent at this terminal. Rejects when it is not given, or given for another company. */
export async function logIn({ settings, secrets, runs }: LoginOptions): Promise<LoggedIn> {
  const [run] = runs;
  if (!run) throw configError('Cannot log in: there is no such pipeline');
  const name = secretOf(run);
  // A vault without its key is refused before the person goes through the pages of the consent.
  await secrets.put(name, (await secrets.get(name)) ?? []);
  const written = await withVault(askedConfig(run), secrets);
  const rotated = await consent(run.source.connector, { config: written, folder: settings.folder });
  const tenants = tenantsOf(rotated);
  const left = runs.filter(({ tenant }) => tenant !== undefined && !covers(tenants, tenant));
  if (left.length === runs.length)
    throw configError(
      `Cannot keep the consent: it is for "${tenants.join('", "')}", pipeline "${run.name}" is for "${run.tenant}"`,
    );
  await keepRotations(secrets, name, { written, rotated });
  return { tenants, left };
}

/** An empty list is every tenant. */
const covers = (tenants: readonly string[], tenant: string): boolean =>
  tenants.length === 0 || tenants.includes(tenant);

/** The tenants that the file lists are not the source's to change: their runs share what the login brings. */
function askedConfig({ source, tenant }: PipelineSettings): Readonly<Record<string, unknown>> {
  const { tenant_ids: ids, ...shared } = source.config;
  return tenant === undefined && ids !== undefined ? source.config : shared;
}

interface ConsentOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly folder: string;
}

/** Runs `login` of the source at this terminal and gives the configuration that it completed. */
async function consent(
  connector: string,
  { config, folder }: ConsentOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const file = await openPrivateFile(folder, config);
  // A Ctrl-C reaches the source as well, which ends; the file must go then too.
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  try {
    const [command, ...base] = commandOf(connector);
    // What a person is told and asked goes by way of stderr; stdout has lines of the protocol.
    const child = spawn(command, [...base, 'login', '--config', file.path], {
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, [keyVariable]: undefined, [newKeyVariable]: undefined },
    });
    const [code] = (await once(child, 'close').catch((error: Error) => {
      throw configError(`Cannot start "${connector}": ${error.message}`);
    })) as [number | null];
    if (code !== 0) throw configError(`"${connector}" ended without a consent, see its message above`);
    const completed: unknown = JSON.parse(await readFile(file.path, 'utf8'));
    if (isObject(completed)) return completed;
    throw configError(`"${connector}" left no configuration behind its login`);
  } finally {
    process.off('SIGINT', ignore);
    await file.remove();
  }
}
