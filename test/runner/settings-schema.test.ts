// What is published for editors, and what the runner knows of connectors, is what their code says today.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { JsonSchema, Specification } from '@airbyte/cdk-typescript-shim';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import databricks from '../../destination-databricks/index.ts';
import looker from '../../destination-looker/index.ts';
import powerbi from '../../destination-powerbi/index.ts';
import tableau from '../../destination-tableau/index.ts';
import { connectors } from '../../runner/registry.ts';
import { publishedSchema } from '../../runner/settings/published.ts';
import { settingsSchema } from '../../runner/settings/schema.ts';
import quickbooks from '../../source-quickbooks/index.ts';
import xero from '../../source-xero/index.ts';

const root = resolve(import.meta.dirname, '../..');

const configs = Object.fromEntries(
  [xero, quickbooks, databricks, looker, powerbi, tableau].map(
    ({ name, spec }: { readonly name: string; readonly spec: Specification }) => [
      name,
      spec.connectionSpecification as JsonSchema,
    ],
  ),
);

const published = publishedSchema({ settings: settingsSchema, connectors: configs });

/** As the repository formats its files; `vitest -u` writes them anew. */
async function formatted(value: unknown): Promise<string> {
  return await new Promise((done, fail) => {
    const biome = resolve(root, 'node_modules/.bin/biome');
    const child = execFile(
      biome,
      ['format', '--stdin-file-path=schema.json'],
      { cwd: root, maxBuffer: 2 ** 24 },
      (error, stdout) => (error ? fail(error) : done(stdout)),
    );
    child.stdin?.end(JSON.stringify(value));
  });
}

test('every connector that comes with the runner has its schema in what the runner knows', async () => {
  expect(Object.keys(configs)).toEqual([...connectors]);
  await expect(await formatted(configs)).toMatchFileSnapshot(resolve(root, 'runner/schema/connectors.json'));
});

test('the schema for editors is that of the code, with the connectors in it', async () => {
  await expect(await formatted(published)).toMatchFileSnapshot(
    resolve(root, 'runner/schema/ledgerpipe.schema.json'),
  );
});

const accepts = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(published);
const editor = (text: string) => {
  const valid = accepts(parse(text));
  return valid ? [] : (accepts.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
};

const xeroTo = (
  config: string,
  credentials = `{ auth_type: oauth2, client_id: a, refresh_token: "\${T}" }`,
) => `
http: { port: "\${PORT}", token: vault:token }
pipelines:
  p:
    source: { connector: source-xero, config: { credentials: ${credentials}, page_size: "\${SIZE}" } }
    destination: { connector: destination-databricks, config: ${config} }
    schedules: default
`;

test('an editor takes the files that operators copy, and references in place of numbers and choices', async () => {
  for (const path of ['compose', 'kubernetes'])
    expect(editor(await readFile(resolve(root, `deploy/${path}/ledgerpipe.yaml`), 'utf8'))).toEqual([]);
  const databricks = `{ host: h, catalog: c, schema: "\${S}", authentication: { auth_type: token, personal_access_token: "\${T}" }, deletion: "\${D}" }`;
  expect(editor(xeroTo(databricks))).toEqual([]);
  expect(
    editor(
      'pipelines: { p: { source: { connector: ./mine, config: { x: 1 } }, destination: { connector: ./d } } }',
    ),
  ).toEqual([]);
});

test('an editor marks what the runner would refuse, inside the configuration of a connector too', () => {
  const databricks = (deletion: string) =>
    `{ host: h, catalog: c, schema: s, authentication: { auth_type: token, personal_access_token: t }, deletion: ${deletion} }`;
  expect(editor(xeroTo(databricks('soft')))).toEqual([]);
  expect(editor(xeroTo(databricks('loud'))).join()).toMatch(/destination\/config\/deletion (enum|anyOf)/);
  expect(editor(xeroTo(databricks('soft')).replace('schedules:', 'schedule:')).join()).toMatch(
    /\/pipelines\/p additionalProperties/,
  );
  expect(editor(xeroTo(databricks('soft')).replace(/"\$.PORT."/, 'eighty')).join()).toMatch(/\/http\/port /);
  expect(editor(xeroTo(databricks('soft')).replace('source-xero', 'source-zero')).join()).toMatch(
    /source\/connector /,
  );
});
