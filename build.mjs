// Builds what is never committed: the protocol's types, and one bundled file for each executable.
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { compileFromFile } from 'json-schema-to-typescript';

const executables = [
  'source-xero',
  'source-quickbooks',
  'destination-databricks',
  'destination-looker',
  'destination-powerbi',
  'destination-tableau',
  'runner',
];
const schemas = ['message', 'configured-catalog'];

async function generateTypes() {
  await mkdir('protocol/generated', { recursive: true });
  for (const schema of schemas) {
    const types = await compileFromFile(`protocol/schema/${schema}.json`, {
      cwd: 'protocol/schema',
      additionalProperties: false,
      bannerComment: '// Generated from protocol/schema by build.mjs: edit the schema, not this file.',
    });
    await writeFile(`protocol/generated/.${schema}.${process.pid}`, types);
    await rename(`protocol/generated/.${schema}.${process.pid}`, `protocol/generated/${schema}.ts`);
  }
}

async function bundle(folder) {
  const outfile = `${folder}/dist/main.js`;
  // Built beside it and renamed: a program that starts meanwhile finds a whole file.
  const draft = `${folder}/dist/.main.${process.pid}.js`;
  await build({
    entryPoints: [`${folder}/main.ts`],
    outfile: draft,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    // Native, or larger than all the rest and needed by one setting.
    external: ['@aws-sdk/*', '@duckdb/*', 'cpu-features', 'libsql', 'pg-native', 'ssh2-sftp-client'],
    banner: {
      // Bundled CommonJS packages call require for Node's own modules.
      js: [
        '#!/usr/bin/env node',
        "import { createRequire as __createRequire } from 'node:module';",
        'const require = __createRequire(import.meta.url);',
      ].join('\n'),
    },
  });
  await chmod(draft, 0o755);
  await rename(draft, outfile);
}

/** npm links programs before they are built, and leaves out those that are not there yet. */
async function linkPrograms(folder) {
  const { bin } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  await mkdir('node_modules/.bin', { recursive: true });
  for (const [name, file] of Object.entries(bin)) {
    const link = `node_modules/.bin/${name}`;
    await rm(link, { force: true });
    await symlink(join('../..', folder, file), link);
  }
}

await generateTypes();
if (!process.argv.includes('--types')) {
  await Promise.all(executables.map(bundle));
  for (const folder of executables) await linkPrograms(folder);
}
