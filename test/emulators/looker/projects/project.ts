// One LookML project: its repository, what is in production, and each developer's branch and unsaved files.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { ApiFailure, invalid, wrong } from '../answers.ts';
import type { Session } from '../sessions.ts';
import { commitFiles, commitOf, contains, type Files, filesAt, git } from './git.ts';

export interface ProjectSettings {
  /** Address of the remote, anything git can fetch from; null: the repository is on the Looker server. */
  git_remote_url: string | null;
  git_service_name: string | null;
  git_production_branch_name: string;
  pull_request_mode: 'off' | 'links' | 'recommended' | 'required';
  validation_required: boolean;
  allow_warnings: boolean;
  git_release_mgmt_enabled: boolean;
  deploy_secret: string | null;
}

/** A state of the files, and the commit it comes from; files that differ from it are not committed yet. */
export interface Workspace {
  branch: string;
  commit: string | undefined;
  files: Files;
  dirty: boolean;
}

export const initialSettings: ProjectSettings = {
  git_remote_url: null,
  git_service_name: null,
  git_production_branch_name: 'main',
  pull_request_mode: 'off',
  validation_required: false,
  allow_warnings: true,
  git_release_mgmt_enabled: false,
  deploy_secret: null,
};

export class Project {
  readonly name: string;
  /** Looker's own bare repository. */
  readonly repository: string;
  readonly settings: ProjectSettings;
  readonly production: Workspace;
  readonly #developers = new Map<string, Workspace>();
  readonly #clock: Clock;

  constructor(name: string, options: { repository: string; settings: ProjectSettings; clock: Clock }) {
    this.name = name;
    this.repository = options.repository;
    this.settings = options.settings;
    this.#clock = options.clock;
    const branch = options.settings.git_production_branch_name;
    this.production = { branch, commit: undefined, files: new Map(), dirty: false };
  }

  get usesGit(): boolean {
    return this.settings.git_remote_url !== null || this.settings.git_service_name === 'bare';
  }

  /** What a session sees: its developer's copy in the dev workspace, production otherwise. */
  workspace({ workspace, user }: Session): Workspace {
    if (workspace === 'production') return this.production;
    const found = this.#developers.get(user.id);
    if (found) return found;
    const { commit, files } = this.production;
    const branch = `dev-${user.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${user.id.padStart(4, '0')}`;
    const made = { branch, commit, files, dirty: false };
    this.#developers.set(user.id, made);
    return made;
  }

  /** Brings the remote's branches and tags here; nothing to do where the repository is Looker's own. */
  async fetch(): Promise<void> {
    const { git_remote_url: remote } = this.settings;
    if (remote === null) return;
    await git(this.repository, [
      'fetch',
      '--quiet',
      '--prune',
      remote,
      '+refs/heads/*:refs/heads/*',
      '+refs/tags/*:refs/tags/*',
    ]);
  }

  /** Makes a commit or the production branch what production shows; answers the head before and after. */
  async deploy(ref?: string): Promise<{ before: string | undefined; after: string }> {
    await this.fetch();
    const name = ref ?? `refs/heads/${this.settings.git_production_branch_name}`;
    const after = await commitOf(this.repository, name);
    if (after === undefined)
      throw new ApiFailure(400, `git: "${name}" is not in the repository of "${this.name}"`);
    const before = this.production.commit;
    const files = await filesAt(this.repository, after);
    this.production.commit = after;
    this.production.files = files;
    return { before, after };
  }

  write(workspace: Workspace, path: string, content: string | undefined): void {
    const files = new Map(workspace.files);
    if (content === undefined) files.delete(path);
    else files.set(path, content);
    workspace.files = new Map([...files].sort(([left], [right]) => (left < right ? -1 : 1)));
    workspace.dirty = true;
  }

  async commit(workspace: Workspace, message: string): Promise<void> {
    if (!workspace.dirty) return;
    const { files, commit: parent } = workspace;
    workspace.commit = await commitFiles(this.repository, { files, parent, message, at: this.#clock.now() });
    await git(this.repository, ['update-ref', `refs/looker/${workspace.branch}`, workspace.commit]);
    workspace.dirty = false;
  }

  /** Sends the developer's commits to the remote, under the name of the branch or another. */
  async push(workspace: Workspace, branch = workspace.branch): Promise<void> {
    if (workspace.commit === undefined) throw new ApiFailure(400, 'There is nothing to push: commit first.');
    const { git_remote_url: remote } = this.settings;
    const target = `refs/heads/${branch}`;
    const current = await commitOf(this.repository, target);
    if (current !== undefined && !(await contains(this.repository, current, workspace.commit)))
      throw new ApiFailure(
        400,
        `git push rejected: "${branch}" has commits that "${workspace.branch}" lacks`,
      );
    if (remote !== null)
      await git(this.repository, ['push', '--quiet', remote, `${workspace.commit}:${target}`]);
    await git(this.repository, ['update-ref', target, workspace.commit]);
  }

  /** Sets a developer's files back to a commit; what was not committed is lost. */
  async reset(workspace: Workspace, ref: string): Promise<void> {
    const commit = await commitOf(this.repository, ref);
    if (commit === undefined)
      throw new ApiFailure(400, `git: "${ref}" is not in the repository of "${this.name}"`);
    workspace.commit = commit;
    workspace.files = await filesAt(this.repository, commit);
    workspace.dirty = false;
  }

  /** Refuses an address that git cannot read, as Looker does when it is set. */
  async setRemote(remote: string): Promise<void> {
    if (remote === '') throw invalid(wrong('git_remote_url', 'is empty'));
    await git(this.repository, ['ls-remote', remote]);
    this.settings.git_remote_url = remote;
  }
}
