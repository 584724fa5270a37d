// Reads what operators copy from deploy/, and judges the pipelines in it by the runner and the connectors themselves.
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isObject, type Specification } from '@airbyte/cdk-typescript-shim';
import { validateConfig } from '@airbyte/cdk-typescript-shim/kit';
import { parse } from 'yaml';
import databricks from '../../destination-databricks/index.ts';
import looker from '../../destination-looker/index.ts';
import powerbi from '../../destination-powerbi/index.ts';
import tableau from '../../destination-tableau/index.ts';
import { readSettings, type Settings } from '../../runner/settings/index.ts';
import { secretPaths } from '../../runner/settings/specs.ts';
import quickbooks from '../../source-quickbooks/index.ts';
import { source } from '../../source-xero/index.ts';

export const deploy = resolve(import.meta.dirname, '../../deploy');

export const deployText = (path: string): Promise<string> => readFile(join(deploy, path), 'utf8');

export const deployYaml = async <T>(path: string): Promise<T> => parse(await deployText(path)) as T;

export const yamlFiles: readonly string[] = readdirSync(deploy, { recursive: true })
  .map(String)
  .filter((path) => /\.ya?ml$/.test(path));

/** Names of the environment variables that a file of pipelines uses; its comments use none. */
export const variablesOf = (text: string): readonly string[] => {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const found = lines.join('\n').matchAll(/(?<!\$)\$\{(\w+)(?::-[^}]*)?\}/g);
  return [...new Set([...found].map(([, name = '']) => name))];
};

const specs: Readonly<Record<string, Specification>> = {
  'source-xero': source.spec,
  'source-quickbooks': quickbooks.spec,
  'destination-databricks': databricks.spec,
  'destination-looker': looker.spec,
  'destination-powerbi': powerbi.spec,
  'destination-tableau': tableau.spec,
};

function specOf(connector: string): Specification {
  const spec = specs[connector];
  if (spec) return spec;
  throw new Error(`There is no connector "${connector}"`);
}

/** The values that a configuration gives to what its connector's spec marks as secret. */
export function secretsIn(connector: string, config: unknown): readonly unknown[] {
  const valueAt = (path: readonly string[]): unknown =>
    path.reduce<unknown>((part, name) => (isObject(part) ? part[name] : undefined), config);
  return secretPaths(specOf(connector).connectionSpecification)
    .map(valueAt)
    .filter((value) => value !== undefined);
}

/** Reads the pipelines with only these variables set, and checks every configuration in them. */
export async function checkedPipelines(path: string, variables: readonly string[]): Promise<Settings> {
  const environment = Object.fromEntries(variables.map((name) => [name, `value of ${name}`]));
  const settings = await readSettings(join(deploy, path), {
    ...environment,
    DATABRICKS_HTTP_PATH: '/sql/1.0/warehouses/1234567890abcdef',
    POWERBI_WORKSPACE_ID: '1f2f3e4e-5d6d-4c8c-9b0b-1a2a3f4f5e6e',
    QUICKBOOKS_REALM_ID: '9341000000000000001',
  });
  for (const pipeline of Object.values(settings.pipelines))
    for (const { connector, config } of [pipeline.source, pipeline.destination])
      await validateConfig(specOf(connector), config);
  return settings;
}
