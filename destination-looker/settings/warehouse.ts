// Settings of the ways in: the warehouse that Looker models, SQL Runner, or files.
import { text } from './text.ts';

export interface PostgresSettings {
  readonly kind: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly ssl_mode: 'disable' | 'require' | 'verify-full';
  readonly ca_certificate?: string;
  /** The database role Looker's connection uses: it is granted USAGE and SELECT. */
  readonly reader?: string;
}

export interface DatabricksSettings {
  readonly kind: 'databricks';
  readonly host: string;
  readonly warehouse_id?: string;
  readonly http_path?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly personal_access_token?: string;
  readonly catalog: string;
  readonly volume: string;
}

export type WarehouseSettings = PostgresSettings | DatabricksSettings;

export interface SqlRunnerSettings {
  /** Query-class calls of the Looker API that one run may spend. */
  readonly call_budget: number;
  /** Name the connection in each call, or a model that uses it. */
  readonly model_name?: string;
  /** The database role of Looker's connection, when tables are made by another one. */
  readonly reader?: string;
}

interface StoredFiles {
  readonly format: 'parquet' | 'csv';
  /** Path in front of everything: a key prefix on S3, a folder on SFTP. */
  readonly prefix: string;
}

export interface S3Settings extends StoredFiles {
  readonly storage: 's3';
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string;
  readonly access_key_id?: string;
  readonly secret_access_key?: string;
}

export interface SftpSettings extends StoredFiles {
  readonly storage: 'sftp';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly private_key?: string;
  readonly host_fingerprint?: string;
}

export type FilesSettings = S3Settings | SftpSettings;

const secret = { airbyte_secret: true } as const;

const postgres = {
  title: 'PostgreSQL',
  type: 'object',
  required: ['kind', 'host', 'database', 'user', 'password'],
  properties: {
    kind: { type: 'string', const: 'postgres', default: 'postgres', order: 0 },
    host: text(1, 'Host', 'Host of the database that Looker connects to.', { examples: ['db.example.com'] }),
    port: { type: 'integer', order: 2, title: 'Port', minimum: 1, maximum: 65535, default: 5432 },
    database: text(3, 'Database', 'Name of the database.'),
    user: text(
      4,
      'User',
      'Role that writes: it needs CREATE on the database, or on the schema if that is there.',
    ),
    password: text(5, 'Password', 'Password of that role.', secret),
    ssl_mode: text(
      6,
      'TLS',
      'Whether the connection is encrypted, and whether the server must prove its name.',
      {
        enum: ['disable', 'require', 'verify-full'],
        default: 'require',
      },
    ),
    ca_certificate: text(
      7,
      'CA certificate',
      'PEM of the authority that signed the server, for "verify-full".',
      {
        multiline: true,
      },
    ),
    reader: text(
      8,
      "Looker's role",
      "Role of Looker's connection: it is granted USAGE on the schema and SELECT on the tables.",
    ),
  },
} as const;

const databricks = {
  title: 'Databricks',
  type: 'object',
  required: ['kind', 'host', 'catalog'],
  properties: {
    kind: { type: 'string', const: 'databricks', default: 'databricks', order: 0 },
    host: text(1, 'Workspace host', 'Server hostname of the SQL warehouse.', {
      examples: ['dbc-a1b2345c-d6e7.cloud.databricks.com'],
    }),
    warehouse_id: text(2, 'SQL warehouse ID', 'Give this or the HTTP path.'),
    http_path: text(3, 'HTTP path', 'HTTP path of the SQL warehouse, in place of its ID.'),
    client_id: text(4, 'Client ID', 'Application ID of a service principal (OAuth).'),
    client_secret: text(5, 'Client secret', 'OAuth secret of that service principal.', secret),
    personal_access_token: text(6, 'Personal access token', 'In place of the service principal.', secret),
    catalog: text(7, 'Catalog', 'Unity Catalog catalog that holds the schema. It must exist.', {
      examples: ['main'],
    }),
    volume: text(8, 'Volume', 'Volume in the schema for staged files.', { default: 'ledgerpipe' }),
  },
} as const;

export const warehouseProperty = (order: number) => ({
  type: 'object',
  order,
  title: 'Warehouse',
  description: 'For mode "warehouse": the database that Looker models.',
  oneOf: [postgres, databricks],
});

export const sqlRunnerProperty = (order: number) => ({
  type: 'object',
  order,
  title: 'SQL Runner',
  description: 'For mode "sql_runner": how much of the API may be spent.',
  default: {},
  properties: {
    call_budget: {
      type: 'integer',
      order: 0,
      title: 'Calls per run',
      description:
        'Query calls one run may spend; each statement is two. Looker (Google Cloud core) Standard allows 1,000 a month.',
      minimum: 4,
      default: 200,
    },
    model_name: text(
      1,
      'Model',
      'Reach the connection through this model, where the key may not name connections.',
    ),
    reader: text(2, 'Read-only role', 'Role that is granted SELECT, where others than the connection read.'),
  },
});

const stored = (order: number) => ({
  format: text(order, 'Format', 'Parquet keeps types; CSV is read by everything.', {
    enum: ['parquet', 'csv'],
    default: 'parquet',
  }),
  prefix: text(order + 1, 'Folder', 'Folder for everything that is written.', { default: 'ledgerpipe' }),
});

const s3 = {
  title: 'S3 or compatible',
  type: 'object',
  required: ['storage', 'bucket'],
  properties: {
    storage: { type: 'string', const: 's3', default: 's3', order: 0 },
    bucket: text(1, 'Bucket', 'Name of the bucket.'),
    region: text(2, 'Region', 'Region of the bucket.', { default: 'us-east-1' }),
    endpoint: text(3, 'Endpoint', 'Address of an S3-compatible store. Default: AWS.', {
      examples: ['https://minio.example.com:9000'],
    }),
    access_key_id: text(4, 'Access key ID', 'Default: the credentials of the machine it runs on.'),
    secret_access_key: text(5, 'Secret access key', 'Belongs to the access key ID.', secret),
    ...stored(6),
  },
} as const;

const sftp = {
  title: 'SFTP',
  type: 'object',
  required: ['storage', 'host', 'user'],
  properties: {
    storage: { type: 'string', const: 'sftp', default: 'sftp', order: 0 },
    host: text(1, 'Host', 'Host of the SFTP server.'),
    port: { type: 'integer', order: 2, title: 'Port', minimum: 1, maximum: 65535, default: 22 },
    user: text(3, 'User', 'User to sign in as.'),
    password: text(4, 'Password', 'Give this or a private key.', secret),
    private_key: text(5, 'Private key', 'OpenSSH or PEM private key.', { ...secret, multiline: true }),
    host_fingerprint: text(6, 'Host key', 'SHA256 fingerprint the server must have.', {
      examples: ['SHA256:uNiVztksCsDhcc0u9e8BrWPPEhh4Xxo0'],
    }),
    ...stored(7),
  },
} as const;

export const filesProperty = (order: number) => ({
  type: 'object',
  order,
  title: 'Files',
  description: 'For mode "files": where files go. Looker sees them only through a warehouse that reads them.',
  oneOf: [s3, sftp],
});
