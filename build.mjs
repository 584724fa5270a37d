// Builds what is never committed: the protocol's types, and one bundled file for each executable.
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { compileFromFile } from 'json-schema-to-typescript';

const executables = ['source-xero', 'destination-databricks', 'runner'];
const schemas = ['message', 'configured-catalog'];

async function generateTypes() {
  await mkdir('protocol/generated', { recursive: true });
  for (const schema of schemas) {
    const types = await compileFromFile(`protocol/schema/${schema}.json`, {
      cwd: 'protocol/schema',
      additionalProperties: false,
      bannerComment: '// Generated from protocol/schema by build.mjs: edit the schema, not this file.',
    });
    await writeFile(`protocol/generated/${schema}.ts`, types);
  }
}

async function bundle(folder) {
  const outfile = `${folder}/dist/main.js`;
  await rm(`${folder}/dist`, { recursive: true, force: true });
  await build({
    entryPoints: [`${folder}/main.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
    external: ['@duckdb/*'],
    banner: {
      // Bundled CommonJS packages call require for Node's own modules.
    },
  });
  await chmod(outfile, 0o755);
}

await generateTypes();
if (!process.argv.includes('--types')) await Promise.all(executables.map(bundle));
