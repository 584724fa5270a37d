// Running git: one command at a time, never asking anybody, never a secret on a command line.
import { execFile } from 'node:child_process';
import { ConnectorError, configError, transientError } from '@airbyte/cdk-typescript-shim';

export interface GitOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** In error messages: `push the model`. */
  readonly purpose: string;
  /** Never shown. */
  readonly secrets?: readonly string[];
}

export interface GitAnswer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const longest = 120_000;

/** Resolves with the exit code; throws only when git cannot be run at all. */
export async function tryGit(
  args: readonly string[],
  { folder, signal, purpose, secrets = [] }: GitOptions,
): Promise<GitAnswer> {
  return await new Promise((resolve, reject) => {
    const done = (error: unknown, out: string, err: string): void => {
      const code = error instanceof Error && 'code' in error ? error.code : error ? 1 : 0;
      if (code === 'ENOENT')
        reject(
          configError(
            `Cannot ${purpose}: the program "git" is not installed, install it or choose deploy "files"`,
          ),
        );
      else if (signal.aborted) reject(signal.reason);
      else resolve({ code: typeof code === 'number' ? code : 1, out, err: withoutSecrets(err, secrets) });
    };
    const child = execFile(
      'git',
      [...args],
      { cwd: folder, signal, timeout: longest, maxBuffer: 16 * 1024 * 1024 },
      done,
    );
    // Whoever asks for a password gets the end of input.
    child.stdin?.end();
  });
}

/** What git printed; throws a ConnectorError that says what it complained of. */
export async function git(args: readonly string[], options: GitOptions): Promise<string> {
  const { code, out, err } = await tryGit(args, options);
  if (code === 0) return out.trim();
  throw explained(err, options.purpose);
}

export function explained(err: string, purpose: string): ConnectorError {
  const said = err
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(fatal|error|remote|ERROR|!)/i.test(line))
    .join(' ')
    .slice(0, 400);
  const quoted = said === '' ? 'git failed' : `git said "${said}"`;
  if (
    /could not resolve host|timed out|connection (refused|reset)|early EOF|unable to access.*(50[0-9])/i.test(
      said,
    )
  )
    return transientError(`Cannot ${purpose}: ${quoted}`);
  if (/authentication|403|401|permission denied|could not read (username|password)|access denied/i.test(said))
    return configError(
      `Cannot ${purpose}: ${quoted}, check "model.git_user", "model.git_password" and their access`,
    );
  if (/not found|does not (exist|appear)|repository/i.test(said))
    return configError(`Cannot ${purpose}: ${quoted}, check "model.git_remote"`);
  return new ConnectorError('system', `Cannot ${purpose}: ${quoted}`);
}

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret !== '')
    .reduce((clean, secret) => clean.replaceAll(secret, '***'), text)
    .replace(/\/\/[^/@\s]*@/g, '//***@');
