// Finds `hyperd`: where the settings say, else in the npm package that Tableau ships it in.
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { configError } from '@airbyte/cdk-typescript-shim';

/** Packages of Tableau's with the server inside, one per platform; there is none for Linux on arm64 nor for musl. */
const packages: readonly (readonly [name: string, program: string])[] = [
  ['hyperdb-mcp-linux-x64-gnu', 'hyperd'],
  ['hyperdb-mcp-darwin-arm64', 'hyperd'],
  ['hyperdb-mcp-win32-x64-msvc', 'hyperd.exe'],
];

/** The program's path, or undefined when there is none. Throws a config error when the one that was named is none. */
export async function findHyperd(named: string | undefined): Promise<string | undefined> {
  if (named) {
    // It is started in a folder of its own.
    const path = resolve(named);
    if (await runnable(path)) return path;
    throw configError(
      `Cannot run hyperd: "${named}" is no executable file, correct "hyperd_path" (or HYPERD_PATH), or leave it out`,
    );
  }
  for (const [name, program] of packages) {
    const path = installed(name, program);
    if (path && (await runnable(path))) return path;
  }
  return undefined;
}

function installed(name: string, program: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), program);
  } catch {
    return undefined;
  }
}

const runnable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
