// One run of `write`: the settings with their defaults, the way to the product, and what it says to people.

import { type Context, configError, type LogLevel, logMessage } from '@airbyte/cdk-typescript-shim';
import { runName } from '@ledgerpipe/staging';
import { listWorkspaces } from './api/datasets.ts';
import { type Api, connect } from './api.ts';
import type { Config } from './spec.ts';

export type Log = (level: LogLevel, message: string) => Promise<void>;

export interface Run {
  readonly context: Context<Config>;
  readonly api: Api;
  readonly log: Log;
  /** This run's own name, where the caller gave its job none. */
  readonly job: string;
}

/** Opens nothing yet: the first request signs in. */
export function openRun(context: Context<Config>): Run {
  const { config, clock, signal, say } = context;
  const log: Log = (level, message) => say(logMessage(level, message));
  const api = connect(config, {
    clock,
    signal,
    patient: true,
    audit: (entry) => void log('WARN', JSON.stringify(entry)),
    onWait: ({ until, reason }) => {
      // Pauses between two attempts are of no interest to people.
      if (until - clock.now() >= 5_000)
        void log('INFO', `Waits until ${new Date(until).toISOString()}: ${reason}`);
    },
  });
  return {
    context,
    api,
    log,
    job: runName(clock),
  };
}

/** The ID of the workspace that the settings name. Throws a config error when it cannot be used. */
export async function findWorkspace(
  api: Api,
  { workspace_id, workspace_name }: Pick<Config, 'workspace_id' | 'workspace_name'>,
): Promise<string> {
  const name = workspace_name?.trim();
  if (workspace_id) return workspace_id;
  if (!name)
    throw configError(
      'Config field "workspace_id" is missing: add the ID of a workspace, or its "workspace_name" (a service principal cannot use "My workspace")',
    );
  refuseMyWorkspace(name);
  const found = (await listWorkspaces(api)).filter((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found.length > 1)
    throw configError(
      `Cannot tell which workspace is meant: ${found.length} are called "${name}", put the ID of one into "workspace_id"`,
    );
  if (found[0]) return found[0].id;
  throw configError(
    `Cannot find the workspace "${name}": check "workspace_name", and add the service principal to the workspace as Member`,
  );
}

/** A service principal has no workspace of its own, and no role in anybody's. */
export function refuseMyWorkspace(name: string): void {
  if (/^my workspace$/i.test(name) || name.toLowerCase() === 'me')
    throw configError(
      'Cannot use "My workspace": service principals have none, make a workspace in Power BI and put its ID into "workspace_id"',
    );
}
