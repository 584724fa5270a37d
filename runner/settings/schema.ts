// The JSON Schema of ledgerpipe.yaml, without what is inside the connectors' configurations.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';

const timezone = {
  type: 'string',
  default: 'UTC',
  description: 'Time zone of the cron expression, an IANA name',
  examples: ['Europe/London', 'Australia/Sydney'],
} as const;

const cron = {
  type: 'string',
  minLength: 1,
  description: 'When: minute, hour, day of the month, month, day of the week',
  examples: ['*/15 * * * *', '30 2 * * 1-5'],
} as const;

const names = (description: string) =>
  ({
    type: 'array',
    items: { type: 'string', minLength: 1 },
    minItems: 1,
    uniqueItems: true,
    description,
  }) as const;

const connector = (
  kind: 'source' | 'destination',
  more: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema => ({
  type: 'object',
  required: ['connector'],
  additionalProperties: false,
  description: `The ${kind} and its configuration`,
  properties: {
    connector: {
      type: 'string',
      minLength: 1,
      description: `Name of a ${kind} that comes with the runner, or the path of a program`,
    },
    config: { type: 'object', default: {}, description: `What its spec asks for: "NAME spec" prints it` },
    ...more,
  },
});

const schedule: JsonSchema = {
  type: 'object',
  required: ['cron'],
  additionalProperties: false,
  properties: {
    streams: {
      description: 'Streams by name, or "facts" or "reference"; default: all of the pipeline',
      anyOf: [{ type: 'string', enum: ['facts', 'reference'] }, names('Streams by name')],
    },
    cron,
    timezone,
    jitter_seconds: {
      type: 'integer',
      minimum: 0,
      maximum: 86_400,
      default: 0,
      description: 'A run is delayed by up to so many seconds, so that not all begin at once',
    },
  },
};

const tenant: JsonSchema = {
  type: 'object',
  required: ['tenant'],
  additionalProperties: false,
  properties: {
    tenant: { type: 'string', minLength: 1, description: 'Tenant id of Xero, or realm id of QuickBooks' },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9_-]+$',
      pattern_descriptor: 'letters, digits, "_" and "-"',
      description: 'Short name: the run is called PIPELINE.NAME; default: the id',
    },
    destination: {
      type: 'object',
      description: "What differs in the destination's configuration: site, project, schema, workspace, ...",
    },
    source: { type: 'object', description: "What differs in the source's configuration" },
  },
};

const pipeline: JsonSchema = {
  type: 'object',
  required: ['source', 'destination'],
  additionalProperties: false,
  properties: {
    source: connector('source', {
      connection: {
        type: 'string',
        pattern: '^[A-Za-z0-9_.-]+$',
        pattern_descriptor: 'letters, digits, "_", "-" and "."',
        description: 'Name of a consent that several pipelines share; default: the name of the pipeline',
      },
    }),
    destination: connector('destination'),
    streams: names('Streams to move; default: all that the source offers'),
    schedules: {
      description:
        'When "ledgerpipe serve" runs it; "default": facts every 15 minutes, reference streams daily. Without: never',
      anyOf: [
        { type: 'string', enum: ['default'] },
        { type: 'array', items: schedule },
      ],
    },
    tenants: {
      type: 'array',
      minItems: 1,
      items: tenant,
      description: 'One run for each, with its own states; one that fails does not stop the others',
    },
  },
};

const secret = (description: string): JsonSchema => ({
  type: 'string',
  minLength: 1,
  airbyte_secret: true,
  description: `${description}: \${NAME} of an environment variable, or vault:NAME`,
});

const section = (
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  more: Partial<JsonSchema> = { default: {} },
): JsonSchema => ({ type: 'object', additionalProperties: false, description, ...more, properties });

const count = (description: string, least: number, byDefault: number): JsonSchema => ({
  type: 'integer',
  minimum: least,
  default: byDefault,
  description,
});

/** JSON Schema of ledgerpipe.yaml as the runner checks it. */
export const settingsSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'ledgerpipe.yaml',
  type: 'object',
  required: ['pipelines'],
  additionalProperties: false,
  properties: {
    store: {
      type: 'string',
      minLength: 1,
      default: '.ledgerpipe',
      description:
        'What the runner keeps: a folder or a .db file for SQLite, relative to this file, or postgres://user:password@host/database',
    },
    folder: {
      type: 'string',
      minLength: 1,
      description:
        'Where running connectors have their private files, relative to this file; default: beside a SQLite store, .ledgerpipe for PostgreSQL',
    },
    key_file: {
      type: 'string',
      minLength: 1,
      description: "File with the vault's key, mode 0600, for when LEDGERPIPE_KEY is not set",
    },
    http: section('The page, the webhooks and the metrics', {
      listen: { type: 'string', minLength: 1, default: '127.0.0.1', description: 'Address to listen on' },
      port: {
        type: 'integer',
        minimum: 0,
        maximum: 65_535,
        default: 7_460,
        description: 'Port to listen on',
      },
      token: secret('Login of the page and the metrics, needed when others than this machine reach it'),
      public_url: {
        type: 'string',
        pattern: '^https?://[^/?#]+[^?#]*$',
        pattern_descriptor: 'https://ledger.example.com',
        description: 'Address under which others reach the runner',
      },
    }),
    webhooks: section('Secrets that events are signed with, one per app', {
      xero: section('Events of Xero', { key: secret('Webhooks key of the app') }, { required: ['key'] }),
      quickbooks: section(
        'Events of QuickBooks',
        { verifier_token: secret('Verifier token of the app') },
        { required: ['verifier_token'] },
      ),
    }),
    webhook: section('How events become reads', {
      window_seconds: {
        type: 'number',
        minimum: 0,
        maximum: 3_600,
        default: 2,
        description: 'Events of a tenant are gathered for so long before they are read',
      },
      most_ids: count('More records than that are read by an incremental sync instead', 1, 500),
    }),
    retry: section('What happens to a run that failed', {
      attempts: count('Starts in all, before it waits for "ledgerpipe replay"', 1, 6),
      first_seconds: count('Wait before the second start; it doubles with each', 1, 30),
      longest_minutes: count('Longest wait', 1, 60),
    }),
    audit: section('The trail of delivered records', {
      retention_days: count('Days that a row is kept', 1, 400),
    }),
    on_failure: section(
      'Who is told',
      {
        url: {
          type: 'string',
          pattern: '^(https?://|vault:)',
          pattern_descriptor: 'https://...',
          description: 'Gets a POST with JSON for each run that failed for good',
        },
      },
      { required: ['url'] },
    ),
    reconcile: section('A poll that proves that no event was missed', {
      enabled: { type: 'boolean', default: true, description: 'Off: events are trusted' },
      cron: { ...cron, default: '17 3 * * *' },
      timezone,
    }),
    pipelines: {
      type: 'object',
      description: 'Pipelines by name',
      minProperties: 1,
      propertyNames: { pattern: '^[A-Za-z0-9_-]+$' },
      additionalProperties: pipeline,
    },
  },
};
