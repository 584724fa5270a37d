// The files on their way: to a folder, through git or the file endpoints, validated, and into production.
import { configError, transientError } from '@airbyte/cdk-typescript-shim';
import type { ModelFile } from '../model/index.ts';
import { configureModel } from './configure.ts';
import { checkout, deployByApi, deployByWebhook } from './deploy.ts';
import { writeFiles } from './directory.ts';
import { deployWorkspace, writeByEndpoints } from './endpoints.ts';
import { openRepository, type Repository } from './repository.ts';
import { type Publication, say } from './steps.ts';
import { validate } from './validate.ts';

/** Brings the files where the settings want them, and the model's configuration with them. */
export async function publishFiles(publication: Publication, files: readonly ModelFile[]): Promise<void> {
  const { settings } = publication;
  if (settings.directory !== undefined) await writeDirectory(publication, settings.directory, files);
  const { project } = settings;
  if (settings.deploy === 'none') {
    if (settings.configure && project !== undefined) await configureModel(publication, project);
    return;
  }
  if (project === undefined)
    throw configError('Config field "model.project" is missing: name the LookML project to deploy');
  if (settings.deploy === 'files') await throughEndpoints(publication, { project, files });
  else await throughGit(publication, { project, files });
}

async function writeDirectory(
  publication: Publication,
  folder: string,
  files: readonly ModelFile[],
): Promise<void> {
  const { written, removed, kept } = await writeFiles(folder, files, publication.settings);
  await sayKept(publication, kept);
  if (written.length + removed.length > 0)
    await say(
      publication,
      'INFO',
      `Wrote ${written.length} and removed ${removed.length} files of the model in "${folder}"`,
    );
}

async function sayKept(publication: Publication, kept: readonly string[]): Promise<void> {
  if (kept.length === 0) return;
  await say(
    publication,
    'INFO',
    `The model stays as it is: it has ${kept.length} views of streams that this run does not have; "model.shrink" would take them out`,
  );
}

interface Project {
  readonly project: string;
  readonly files: readonly ModelFile[];
}

async function throughEndpoints(publication: Publication, { project, files }: Project): Promise<void> {
  const { settings } = publication;
  const { changed, kept } = await writeByEndpoints(publication, { project, files });
  if (kept.length > 0) return await sayKept(publication, kept);
  if (changed.length > 0 && settings.configure) await configureModel(publication, project);
  if (changed.length > 0 && settings.validate)
    await validate(publication, { project, workspace: 'dev', files });
  await deployWorkspace(publication, project);
}

/** Somebody else pushed in between so many times in a row: the next run will do. */
const attempts = 4;

async function throughGit(publication: Publication, { project, files }: Project): Promise<void> {
  const { git_remote: url, git_branch: branch } = publication.settings;
  if (url === undefined)
    throw configError(
      'Config field "model.git_remote" is missing: give the repository of the LookML project',
    );
  const repository = await openRepository({ ...publication, url });
  try {
    for (let attempt = 1; ; attempt += 1) {
      const prepared = await repository.prepare(files);
      if (prepared.kept.length > 0) return await sayKept(publication, prepared.kept);
      if (prepared.deployed) return;
      if (prepared.changed)
        await examine(publication, { project, files, commit: prepared.commit, repository });
      if (!prepared.changed || (await repository.push(prepared.commit)))
        return await deploy(publication, { project, files, commit: prepared.commit, repository });
      if (attempt === attempts)
        throw transientError(
          `Cannot publish the model: others pushed to "${branch}" at the same time ${attempts} times, run again`,
        );
    }
  } finally {
    await repository.close();
  }
}

interface Step extends Project {
  readonly commit: string;
  readonly repository: Repository;
}

/** On a branch of its own first: what Looker finds fault with never reaches the production branch. */
async function examine(
  publication: Publication,
  { project, files, commit, repository }: Step,
): Promise<void> {
  const { settings } = publication;
  if (settings.configure) await configureModel(publication, project);
  if (!settings.validate) return;
  const branch = await repository.offer(commit);
  if (await checkout(publication, { project, branch, commit })) {
    await validate(publication, { project, workspace: 'dev', files });
    return;
  }
  await say(
    publication,
    'WARN',
    `Cannot validate the model before its deployment: Looker did not check out branch "${branch}", give the key's user "develop"`,
  );
}

async function deploy(publication: Publication, { project, files, commit, repository }: Step): Promise<void> {
  const { settings } = publication;
  if (settings.deploy === 'webhook') await deployByWebhook(publication, { project, commit });
  else await deployByApi(publication, { project, commit, offer: () => repository.offer(commit) });
  if (settings.validate) await validate(publication, { project, workspace: 'production', files });
  if (!(await repository.markDeployed(commit)))
    await say(
      publication,
      'WARN',
      'Cannot tag the deployed commit in the repository, so the next run deploys again: allow the git user to push tags "ledgerpipe-deployed-*"',
    );
}
