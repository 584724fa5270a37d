// What a connector says of itself in several places is the same everywhere: metadata, package, image, spec.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import ajvModule from 'ajv';
import formatsModule from 'ajv-formats';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import databricks from '../../destination-databricks/index.ts';
import looker from '../../destination-looker/index.ts';
import { addressesOf } from '../../destination-powerbi/api/clouds.ts';
import powerbi from '../../destination-powerbi/index.ts';
import type { Cloud } from '../../destination-powerbi/spec.ts';
import tableau from '../../destination-tableau/index.ts';
import { connectors } from '../../runner/registry.ts';
import quickbooks from '../../source-quickbooks/index.ts';
import { catalogOf, source } from '../../source-xero/index.ts';

const root = resolve(import.meta.dirname, '../..');
const specs = {
  'source-xero': source.spec,
  'source-quickbooks': quickbooks.spec,
  'destination-databricks': databricks.spec,
  'destination-looker': looker.spec,
  'destination-powerbi': powerbi.spec,
  'destination-tableau': tableau.spec,
};

const textOf = (folder: string, file: string): Promise<string> => readFile(join(root, folder, file), 'utf8');

interface Metadata {
  readonly metadataSpecVersion: string;
  readonly data: Readonly<Record<string, unknown>> & {
    readonly allowedHosts: { readonly hosts: readonly string[] };
    readonly suggestedStreams?: { readonly streams: readonly string[] };
  };
}

const metadataOf = async (folder: string): Promise<Metadata> =>
  parse(await textOf(folder, 'metadata.yaml')) as Metadata;

/** The fields that the platform's registry wants and knows, as far as these connectors use them. */
const metadataSchema = {
  type: 'object',
  required: ['metadataSpecVersion', 'data'],
  additionalProperties: false,
  properties: {
    metadataSpecVersion: { const: '1.0' },
    data: {
      type: 'object',
      required: [
        ...[
          'name',
          'definitionId',
          'connectorType',
          'connectorSubtype',
          'dockerRepository',
          'dockerImageTag',
        ],
        ...['documentationUrl', 'githubIssueLabel', 'icon', 'license', 'releaseStage', 'allowedHosts'],
        ...['maxSecondsBetweenMessages', 'tags'],
      ],
      additionalProperties: false,
      properties: {
        name: { type: 'string' },
        definitionId: { type: 'string', format: 'uuid' },
        connectorType: { enum: ['source', 'destination'] },
        connectorSubtype: { enum: ['api', 'database', 'datalake', 'file'] },
        dockerRepository: { type: 'string' },
        dockerImageTag: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
        documentationUrl: { type: 'string', format: 'uri' },
        githubIssueLabel: { type: 'string' },
        icon: { type: 'string' },
        license: { type: 'string' },
        releaseStage: { enum: ['alpha', 'beta', 'generally_available', 'custom'] },
        supportLevel: { enum: ['community', 'certified', 'archived'] },
        protocolVersion: { type: 'string' },
        allowedHosts: {
          type: 'object',
          properties: { hosts: { type: 'array', minItems: 1, items: { type: 'string' } } },
        },
        maxSecondsBetweenMessages: { type: 'integer', minimum: 900 },
        suggestedStreams: {
          type: 'object',
          properties: { streams: { type: 'array', items: { type: 'string' } } },
        },
        supportsRefreshes: { type: 'boolean' },
        supportsFileTransfer: { type: 'boolean' },
        supportsDataActivation: { type: 'boolean' },
        connectorBuildOptions: { type: 'object', required: ['baseImage'] },
        registryOverrides: { type: 'object' },
        tags: { type: 'array', items: { type: 'string', pattern: '^(language|keyword):' } },
      },
    },
  },
};

test.each(connectors)('the metadata of %s is what a registry takes', async (folder) => {
  const ajv = new ajvModule.default({ strict: false });
  formatsModule.default(ajv);
  const validate = ajv.compile(metadataSchema);
  validate(await metadataOf(folder));
  expect(validate.errors).toBeNull();
});

test.each(connectors)('metadata, package, spec and image of %s agree', async (folder) => {
  const { data } = await metadataOf(folder);
  const { version, license } = JSON.parse(await textOf(folder, 'package.json')) as Record<string, string>;
  expect(data).toMatchObject({
    connectorType: folder.split('-')[0],
    dockerRepository: `ledgerpipe/${folder}`,
    dockerImageTag: version,
    githubIssueLabel: folder,
    license,
    documentationUrl: specs[folder].documentationUrl,
  });
  const dockerfile = await textOf(folder, 'Dockerfile');
  expect(dockerfile).toContain(`LABEL io.airbyte.name="ledgerpipe/${folder}"\n`);
  expect(dockerfile).toContain(`LABEL io.airbyte.version="${version}"\n`);
  expect(data.connectorBuildOptions).toEqual({ baseImage: /^FROM (\S+)/m.exec(dockerfile)?.[1] });
});

test.each(connectors)(
  'the image of %s starts the same command for the platform and for docker run',
  async (folder) => {
    const dockerfile = await textOf(folder, 'Dockerfile');
    const variable = /^ENV AIRBYTE_ENTRYPOINT="(.+)"$/m.exec(dockerfile)?.[1];
    const entryPoint = JSON.parse(
      /^ENTRYPOINT (\[.+\])$/m.exec(dockerfile)?.[1] ?? '[]',
    ) as readonly string[];
    expect(variable).toBe(entryPoint.join(' '));
    for (const word of entryPoint) expect(word).toMatch(/^\//);
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(dockerfile).toMatch(/^WORKDIR \/airbyte$/m);
  },
);

test('every file that a Dockerfile copies is let into the build', async () => {
  const ignore = (await textOf('.', '.dockerignore')).split('\n');
  expect(ignore).toContain('*');
  const dockerfiles = await Promise.all(
    [...connectors, 'runner'].map((folder) => textOf(folder, 'Dockerfile')),
  );
  const copied = dockerfiles.flatMap((text) =>
    [...text.matchAll(/^COPY (?!--from)(\S+) /gm)].map(([, path]) => path),
  );
  expect(copied.length).toBeGreaterThan(5);
  for (const path of copied) expect(ignore).toContain(`!${path}`);
});

test('the runner finds in its image every connector that it knows', async () => {
  const dockerfile = await textOf('runner', 'Dockerfile');
  for (const connector of connectors)
    for (const file of ['package.json', 'dist/main.js'])
      expect(dockerfile).toMatch(
        new RegExp(`^COPY ${connector}/${file} \\S+/node_modules/@ledgerpipe/${connector}/`, 'm'),
      );
});

test.each(connectors)('the icon of %s is a small picture of its own', async (folder) => {
  const icon = await textOf(folder, 'icon.svg');
  expect(icon).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 64 64"/);
  expect(icon.length).toBeLessThan(4_096);
  expect(icon).not.toMatch(/<(image|script|foreignObject)|href=/);
});

test('definition ids are all different', async () => {
  const ids = await Promise.all(
    connectors.map(async (folder) => (await metadataOf(folder)).data.definitionId),
  );
  expect(new Set(ids).size).toBe(connectors.length);
});

test('the source may reach the hosts of its default endpoints that a run calls, and suggests streams it has', async () => {
  const { data } = await metadataOf('source-xero');
  const { api, identity } = (await import('../../source-xero/spec.ts')).defaultEndpoints;
  expect(data.allowedHosts.hosts).toEqual([new URL(api).host, new URL(identity).host]);
  const offered = catalogOf({ journals: false }).streams.map(({ name }) => name);
  expect(offered).toEqual(expect.arrayContaining([...(data.suggestedStreams?.streams ?? ['none'])]));
});

test('the same of the QuickBooks source, in both environments', async () => {
  const { data } = await metadataOf('source-quickbooks');
  const { apiHosts } = await import('../../source-quickbooks/spec.ts');
  expect(data.allowedHosts.hosts).toEqual(apiHosts);
  const { catalogOf: offers } = await import('../../source-quickbooks/index.ts');
  const offered = offers({ more_streams: [] }).streams.map(({ name }) => name);
  expect(offered).toEqual(expect.arrayContaining([...(data.suggestedStreams?.streams ?? ['none'])]));
});

const destinations = connectors.filter((name) => name.startsWith('destination-'));

test.each(destinations)('%s is known to do refreshes', async (folder) => {
  expect((await metadataOf(folder)).data.supportsRefreshes).toBe(true);
});

test.each([
  ['destination-databricks', 'host'],
  ['destination-tableau', 'server'],
] as const)('%s reaches the one host of its setting "%s"', async (folder, setting) => {
  const { data } = await metadataOf(folder);
  expect(data.allowedHosts.hosts).toEqual([`\${${setting}}`]);
  expect(specs[folder].connectionSpecification).toHaveProperty(`properties.${setting}.type`, 'string');
  expect(specs[folder].connectionSpecification.required).toContain(setting);
});

test('that for Looker reaches what its settings name: databases, stores, instances and git remotes of its user', async () => {
  expect((await metadataOf('destination-looker')).data.allowedHosts.hosts).toEqual(['*']);
});

test('that for Power BI may reach login and services of every cloud, and names no host that none of them has', async () => {
  const { hosts } = (await metadataOf('destination-powerbi')).data.allowedHosts;
  const { properties } = powerbi.spec.connectionSpecification as unknown as {
    readonly properties: { readonly cloud: { readonly enum: readonly Cloud[] } };
  };
  const called = properties.cloud.enum.flatMap((cloud) => {
    const { login, api, fabric, onelake } = addressesOf(cloud);
    return [login, api, fabric, onelake].map((address) => new URL(address).host);
  });
  const allows = (pattern: string, host: string): boolean =>
    pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
  expect(called.filter((host) => !hosts.some((pattern) => allows(pattern, host)))).toEqual([]);
  // A tenant may live on a host of its own, to which the API redirects.
  const idle = hosts.filter((pattern) => !called.some((host) => allows(pattern, host)));
  expect(idle).toEqual(['*.analysis.windows.net']);
});
