// The project's git repository: a fresh shallow copy for each run, our files on top, pushed without force.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelFile } from '../model/index.ts';
import { type Changes, writeFiles } from './directory.ts';
import { explained, type GitOptions, git, tryGit } from './git.ts';
import type { Publication } from './steps.ts';

export interface Prepared {
  /** A commit on top of the production branch that holds the files; that branch's head when nothing differs. */
  readonly commit: string;
  readonly changed: boolean;
  /** Whether an earlier run brought that commit into production. */
  readonly deployed: boolean;
  /** Views of streams that this run does not have: because of them nothing was committed. */
  readonly kept: readonly string[];
}

export interface Repository {
  /** Takes the production branch as it is now and commits the files on top, here only. */
  prepare(files: readonly ModelFile[]): Promise<Prepared>;
  /** Puts a commit on a branch of the model's own, where Looker's development workspace can have it; gives its name. */
  offer(commit: string): Promise<string>;
  /** Puts a commit on the production branch; false when somebody else has pushed since it was prepared. */
  push(commit: string): Promise<boolean>;
  /** Remembers in the repository that the commit is in production; false where the remote refuses the tag. */
  markDeployed(commit: string): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens a working copy under the working folder. Throws a config error for a remote that is refused. */
export async function openRepository({
  context,
  settings,
  url,
}: Publication & { url: string }): Promise<Repository> {
  const { config, signal } = context;
  const folder = await mkdtemp(join(config.working_folder ?? tmpdir(), 'ledgerpipe-lookml-'));
  const { git_branch: branch, git_user, git_password, name, shrink } = settings;
  const options: GitOptions = {
    folder,
    signal,
    purpose: `publish the model to "${withoutCredentials(url)}"`,
    secrets: [git_password ?? ''],
  };
  const run = (...args: string[]): Promise<string> => git(args, options);
  const mark = `refs/tags/ledgerpipe-deployed-${name}`;
  try {
    await run('init', '--quiet');
    await writeFile(
      join(folder, '.git', 'config'),
      gitConfig({ url, user: git_user, password: git_password }),
      {
        mode: 0o600,
      },
    );
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }

  let orphans = 0;
  /** The production branch as it is now; an empty repository has none. */
  const checkout = async (): Promise<void> => {
    const found = await run('ls-remote', 'origin', `refs/heads/${branch}`);
    if (found === '') {
      orphans += 1;
      await run('checkout', '--quiet', '--orphan', `first-${orphans}`);
      await run('read-tree', '--empty');
    } else {
      await run('fetch', '--quiet', '--depth=1', 'origin', `refs/heads/${branch}`);
      await run('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
    }
    await run('clean', '--quiet', '--force', '-d', '-x');
  };
  const commit = async (files: readonly ModelFile[]): Promise<Changes> => {
    const changes = await writeFiles(folder, files, { name, shrink });
    if (changes.written.length + changes.removed.length === 0) return changes;
    await run('add', '--all', '--', ...[...changes.written, ...changes.removed]);
    await run('commit', '--quiet', '--message', messageOf(changes));
    return changes;
  };

  return {
    async prepare(files) {
      await checkout();
      const { written, removed, kept } = await commit(files);
      const changed = written.length + removed.length > 0;
      const head = await run('rev-parse', 'HEAD');
      const marked = changed ? '' : await run('ls-remote', 'origin', mark);
      return { commit: head, changed, deployed: marked.startsWith(head), kept };
    },
    async offer(head) {
      const branch = `ledgerpipe-${name}`;
      await run('push', '--quiet', '--force', 'origin', `${head}:refs/heads/${branch}`);
      return branch;
    },
    async push(head) {
      const { code, out, err } = await tryGit(
        ['push', '--porcelain', 'origin', `${head}:refs/heads/${branch}`],
        options,
      );
      if (code === 0) return true;
      if (/fetch first|non-fast-forward|cannot lock ref|stale info|incorrect old value/i.test(out + err))
        return false;
      throw explained(`${out}\n${err}`, options.purpose);
    },
    async markDeployed(head) {
      const { code } = await tryGit(['push', '--quiet', '--force', 'origin', `${head}:${mark}`], options);
      return code === 0;
    },
    async close() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function messageOf({ written, removed }: Changes): string {
  const parts = [
    ...(written.length > 0 ? [`${written.length} file${written.length === 1 ? '' : 's'} generated`] : []),
    ...(removed.length > 0 ? [`${removed.length} removed`] : []),
  ];
  return `Ledgerpipe: ${parts.join(', ')}`;
}

/** In a file of mode 0600 within the copy: a command line or an environment would show the password. */
function gitConfig({
  url,
  user,
  password,
}: {
  url: string;
  user: string | undefined;
  password: string | undefined;
}): string {
  const header =
    password === undefined || !/^https?:/i.test(url)
      ? []
      : [
          '[http]',
          `\textraHeader = Authorization: Basic ${Buffer.from(`${user ?? 'git'}:${password}`).toString('base64')}`,
        ];
  return [
    '[core]',
    '\trepositoryformatversion = 0',
    '\tautocrlf = false',
    // A program that answers every question with nothing: git must not wait for a person.
    '\taskPass = true',
    '\tsshCommand = ssh -o BatchMode=yes',
    '[credential]',
    '\thelper =',
    '[user]',
    '\tname = Ledgerpipe',
    '\temail = ledgerpipe@localhost',
    '[commit]',
    '\tgpgSign = false',
    // The copy goes when the run ends: housekeeping would be for nothing.
    '[gc]',
    '\tauto = 0',
    '[maintenance]',
    '\tauto = false',
    '[remote "origin"]',
    `\turl = ${quotedValue(url)}`,
    ...header,
    '',
  ].join('\n');
}

const quotedValue = (value: string): string => `"${value.replace(/[\\"]/g, '\\$&').replace(/[\r\n]/g, '')}"`;

const withoutCredentials = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');
