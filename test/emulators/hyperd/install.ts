// Installs one npm package into a folder of its own, through whatever registry npm is configured for.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `spec` is `name@version`. Throws with npm's own words when it cannot be installed within `minutes`. */
export async function installPackage(
  spec: string,
  { folder, minutes }: { readonly folder: string; readonly minutes: number },
): Promise<void> {
  // A package.json of its own, or npm walks up and installs into the surrounding project.
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  // --force: the package's `engines` speaks of the addon beside the server; npm would skip it on Node 20.
  const args = ['install', '--no-save', '--force', '--ignore-scripts', '--no-audit', '--no-fund', spec];
  const windows = process.platform === 'win32';
  try {
    await run(windows ? 'npm.cmd' : 'npm', ['--prefix', folder, ...args], {
      cwd: folder,
      timeout: minutes * 60_000,
      shell: windows,
      env: environment(),
    });
  } catch (error) {
    const { stderr = '', killed = false } = error as { stderr?: string; killed?: boolean };
    const reason = killed ? `it took more than ${minutes} minutes` : stderr.trim() || String(error);
    throw new Error(`Cannot install "${spec}" with npm: ${reason.slice(-1_000)}`);
  }
}

/** Without what an outer `npm run` sets about its own package, which would send this install elsewhere. */
function environment(): NodeJS.ProcessEnv {
  const own = /^npm_(package|lifecycle|command|config_(local_prefix|prefix|global|include|omit|workspace))/;
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !own.test(key)));
}
