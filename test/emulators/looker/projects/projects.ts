// The projects of the instance, with folders for their repositories and, where a test asks for one, a remote.
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { notFound } from '../answers.ts';
import { git } from './git.ts';
import { initialSettings, Project, type ProjectSettings } from './project.ts';

export interface ProjectOptions {
  readonly name: string;
  /**
   * "remote": a bare repository beside the instance, to push to (`gitUrl`), then deploy by webhook or API;
   * "bare": a repository on the Looker server; "none": git is not configured yet. "remote" unless said otherwise.
   */
  readonly git?: 'remote' | 'bare' | 'none';
  /** The production branch; "main" unless said otherwise. */
  readonly branch?: string;
  readonly deploySecret?: string;
}

export class Projects {
  readonly list = new Map<string, Project>();
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  get(name: string): Project {
    const found = this.list.get(name);
    if (!found) throw notFound();
    return found;
  }

  /** Path of the remote of a project; git takes it as an address. */
  remotePath(name: string): string {
    return join(this.#folder, 'remotes', `${name}.git`);
  }

  async create({
    name,
    git: kind = 'remote',
    branch = 'main',
    deploySecret,
  }: ProjectOptions): Promise<Project> {
    const repository = join(this.#folder, 'projects', `${name}.git`);
    await bareRepository(repository, branch);
    const settings: ProjectSettings = { ...initialSettings, git_production_branch_name: branch };
    if (kind === 'bare') settings.git_service_name = 'bare';
    if (kind === 'remote') {
      settings.git_remote_url = this.remotePath(name);
      await bareRepository(this.remotePath(name), branch);
    }
    settings.deploy_secret = deploySecret ?? null;
    const project = new Project(name, { repository, settings, clock: this.#clock });
    this.list.set(name, project);
    return project;
  }
}

async function bareRepository(folder: string, branch: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--bare', '--template=', '--initial-branch', branch]);
  // Each push would start housekeeping here, for a repository that lives for seconds.
  await appendFile(join(folder, 'config'), '[receive]\n\tautogc = false\n');
}
