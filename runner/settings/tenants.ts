// A pipeline in the file, expanded into its runs: one, or one for each of its tenants.
import { isObject, type JsonSchema } from '@airbyte/cdk-typescript-shim';
import type { PipelineSettings, Schedule } from './contract.ts';
import { defaultSchedules } from './crons.ts';
import type { Path } from './document.ts';
import { specOf } from './specs.ts';
import { overlaid, type Tree, valueAt } from './trees.ts';

interface Connector {
  readonly connector: string;
  readonly config: Tree;
  readonly connection?: string;
}

export interface Tenant {
  readonly tenant: string;
  readonly name?: string;
  readonly source?: Tree;
  readonly destination?: Tree;
}

/** A pipeline as the file has it, checked and with defaults. */
export interface WrittenPipeline {
  readonly source: Connector;
  readonly destination: Connector;
  readonly streams?: readonly string[];
  readonly schedules?: 'default' | readonly (Pick<Schedule, 'cron'> & Partial<Schedule>)[];
  readonly tenants?: readonly Tenant[];
}

export type Run = Omit<PipelineSettings, 'problems'>;

/** A run, and where in the file the parts of its configurations stand. */
export interface ExpandedRun {
  readonly run: Run;
  placeIn(end: 'source' | 'destination', path: Path): Path;
}

export const runName = (base: string, { name, tenant }: Tenant): string => `${base}.${name ?? tenant}`;

export function expand(base: string, pipeline: WrittenPipeline): readonly ExpandedRun[] {
  const { tenants } = pipeline;
  if (!tenants) return [{ run: runOf(base, pipeline), placeIn: placeInBase(base) }];
  return tenants.map((tenant, index) => ({
    run: runOf(base, pipeline, tenant),
    placeIn(end, path) {
      const own = path.length > 0 && valueAt(tenant[end], path) !== undefined;
      return own ? ['pipelines', base, 'tenants', index, end, ...path] : placeInBase(base)(end, path);
    },
  }));
}

const placeInBase =
  (base: string): ExpandedRun['placeIn'] =>
  (end, path) => ['pipelines', base, end, 'config', ...path];

function runOf(base: string, pipeline: WrittenPipeline, tenant?: Tenant): Run {
  const name = tenant ? runName(base, tenant) : base;
  const { streams, schedules } = pipeline;
  const connection = connectionOf(base, pipeline.source, tenant);
  const source = {
    connector: pipeline.source.connector,
    config: sourceConfig(pipeline.source, {
      tenant,
      suffix: connection === name && tenant ? name : undefined,
    }),
  };
  return {
    name,
    base,
    ...(tenant ? { tenant: tenant.tenant } : {}),
    tenants: tenantsOf(source.config),
    source,
    destination: {
      connector: pipeline.destination.connector,
      config: overlaid(pipeline.destination.config, tenant?.destination ?? {}),
    },
    connection,
    exclusive: typeof source.config.token_store !== 'string',
    ...(streams ? { streams } : {}),
    schedules: schedulesOf(schedules),
  };
}

const schedulesOf = (written: WrittenPipeline['schedules'] = []): readonly Schedule[] =>
  written === 'default'
    ? defaultSchedules
    : written.map((schedule) => ({ timezone: 'UTC', jitter_seconds: 0, ...schedule }));

/** A QuickBooks company gives its own consent; that of Xero covers every organisation, unless credentials differ. */
function connectionOf(base: string, { connector, connection, config }: Connector, tenant?: Tenant): string {
  if (!tenant) return connection ?? base;
  const own = isObject(tenant.source?.credentials) || tenantField(connector, config) === 'realm_id';
  return own ? runName(connection ?? base, tenant) : (connection ?? base);
}

interface SourceOptions {
  readonly tenant: Tenant | undefined;
  /** For a connection of its own: its tokens need a file of their own. */
  readonly suffix: string | undefined;
}

function sourceConfig({ connector, config }: Connector, { tenant, suffix }: SourceOptions): Tree {
  if (!tenant) return config;
  const field = tenantField(connector, config);
  const tokens = config.token_store;
  return overlaid(config, {
    ...(field === 'tenant_ids' ? { tenant_ids: [tenant.tenant] } : {}),
    ...(field === 'realm_id' ? { realm_id: tenant.tenant } : {}),
    ...(suffix !== undefined && typeof tokens === 'string' ? { token_store: `${tokens}.${suffix}` } : {}),
    ...tenant.source,
  });
}

const tenantFields = ['tenant_ids', 'realm_id'] as const;

/** The field of a source's configuration that says which tenant is read; a program without a spec may have none. */
function tenantField(connector: string, config: Tree): (typeof tenantFields)[number] | undefined {
  const fields: JsonSchema['properties'] | Tree = specOf(connector)?.properties ?? config;
  return tenantFields.find((field) => field in fields);
}

/** The tenants that a source's configuration names; empty: all that the consent reaches. */
export function tenantsOf(config: Tree): readonly string[] {
  const { tenant_ids: ids, realm_id: realm } = config;
  if (typeof realm === 'string' && realm !== '') return [realm];
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
}
