// Reads what operators copy from deploy/, and judges the pipelines in it by the runner and the connectors themselves.
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { validateConfig } from '@airbyte/cdk-typescript-shim/kit';
import { parse } from 'yaml';
import destination from '../../destination-databricks/index.ts';
import { readSettings, type Settings } from '../../runner/settings.ts';
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

const specs = { 'source-xero': source.spec, 'destination-databricks': destination.spec };

/** Reads the pipelines with only these variables set, and checks every configuration in them. */
export async function checkedPipelines(path: string, variables: readonly string[]): Promise<Settings> {
  const environment = Object.fromEntries(variables.map((name) => [name, `value of ${name}`]));
  const settings = await readSettings(join(deploy, path), {
    ...environment,
    DATABRICKS_HTTP_PATH: '/sql/1.0/warehouses/1234567890abcdef',
  });
  for (const pipeline of Object.values(settings.pipelines))
    for (const { connector, config } of [pipeline.source, pipeline.destination])
      await validateConfig(specs[connector as keyof typeof specs], config);
  return settings;
}
