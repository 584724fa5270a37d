// Programs for child processes: a TypeScript main as one JavaScript file, which starts five times faster than through a loader.
import { mkdirSync, renameSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { buildSync } from 'esbuild';

const root = resolve(import.meta.dirname, '..');

/** Below node_modules, where the packages that stay outside the file are found. */
const folder = join(root, 'node_modules', '.cache', 'ledgerpipe', 'programs');

const built = new Map<string, string>();

/** Path of the bundled `main`, built from its sources once per process. */
export function bundled(main: string): string {
  const path = resolve(root, main);
  const before = built.get(path);
  if (before) return before;
  const outfile = join(folder, `${relative(root, path).replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`);
  // Built beside it and renamed: programs of other test files find a whole file.
  const draft = `${outfile}.${process.pid}`;
  mkdirSync(dirname(outfile), { recursive: true });
  buildSync({
    absWorkingDir: root,
    entryPoints: [path],
    outfile: draft,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
    external: ['@aws-sdk/*', '@duckdb/*', 'cpu-features', 'libsql', 'pg-native', 'ssh2-sftp-client'],
    // Bundled CommonJS packages call require for Node's own modules.
    banner: {
      js: [
        "import { createRequire as __createRequire } from 'node:module';",
        'const require = __createRequire(import.meta.url);',
      ].join('\n'),
    },
  });
  renameSync(draft, outfile);
  built.set(path, outfile);
  return outfile;
}
