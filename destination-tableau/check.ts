// `check`: server, version, and for every site that rows go to: sign-in, role, project, right to publish, jobs; then hyperd.
import { randomUUID } from 'node:crypto';
import {
  type CheckResult,
  ConnectorError,
  type Context,
  checked,
  configError,
} from '@airbyte/cdk-typescript-shim';
import { findJob } from './api/jobs.ts';
import { openUpload } from './api/uploads.ts';
import { mayPublish, ownRole } from './api/users.ts';
import { compareVersions, type Server } from './api.ts';
import { tryHyperd } from './probe.ts';
import { lookAtOwn } from './rights.ts';
import { openRun, type Run, type Target } from './run.ts';
import type { Config } from './spec.ts';

/** Changes nothing on the server but for an upload session that is never used. */
export async function check(context: Context<Config>): Promise<CheckResult> {
  let run: Run | undefined;
  try {
    return await checked(async (verified) => {
      const opened = await openRun(context);
      run = opened;
      const { server } = opened;
      verified(`server (Tableau ${server.product}, REST API ${server.version})`, ...lacks(server));
      for (const place of opened.places)
        await opened.sessions.on(place, async (site) => {
          const named = site.name ? `site "${site.name}"` : 'the default site';
          verified(`signed in to ${named}`);
          const found = await ownRole(site);
          verified(publishing(found, named));
          const target = await opened.target(place, site);
          verified(await project(target), await lookAtOwn(target, found));
          await openUpload(site);
          verified(`may upload to ${named}`, await jobs(site, context.config));
        });
      verified(await tryHyperd(opened));
    });
  } finally {
    await run?.close();
  }
}

/** What an old server cannot do. */
function lacks({ version }: Server): readonly string[] {
  const older = (than: string): boolean => compareVersions(version, than) < 0;
  return [
    ...(older('3.14')
      ? ['before 2021.4 a data source holds one table: streams with arrays are refused']
      : []),
    ...(older('3.15') ? ['before 2022.1 no Parquet file can be published'] : []),
  ];
}

function publishing(found: string, named: string): string {
  if (mayPublish(found)) return found ? `site role "${found}"` : 'site role not told';
  throw configError(
    `Cannot publish to ${named}: the user has the site role "${found}", ask a site administrator for "Explorer (can publish)" or higher (Tableau answers 403004 otherwise)`,
  );
}

async function project({ site, project: found, place, sources }: Target): Promise<string> {
  if (found.writeable === false)
    throw configError(
      `Cannot publish to project "${place.project}" of site "${site.name}": the user may not write in it, ask its leader for the capability "Publish"`,
    );
  const there = await sources.inProject(site, found.id);
  const told = found.writeable === undefined ? ' (right to publish not told)' : '';
  return `project "${place.project}"${told} with ${there.length} data sources`;
}

/** Looks for a job that does not exist: its absence shows that jobs can be asked for. */
async function jobs(site: Target['site'], { credentials }: Config): Promise<string> {
  try {
    await findJob(site, randomUUID());
    return 'jobs can be read';
  } catch (error) {
    if (!(error instanceof ConnectorError) || (error.status !== 401 && error.status !== 403)) throw error;
    const remedy =
      credentials.auth_type === 'connected_app'
        ? 'Connected Apps may read jobs from version 3.27 on: use a personal access token'
        : 'ask a site administrator for the right';
    throw configError(
      `Cannot read jobs of site "${site.name}": Tableau answered ${error.status}, ${remedy}`,
      {
        cause: error,
      },
    );
  }
}
