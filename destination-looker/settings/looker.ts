// Settings of the Looker instance: its API, what is done there after a load, and deliveries it should make.
import { text } from './text.ts';

export interface LookerSettings {
  readonly base_url: string;
  readonly client_id: string;
  readonly client_secret: string;
  /** Looker's name of the database connection that reads the tables. */
  readonly connection: string;
  /** Google Cloud core editions have monthly API quotas; `none` for instances without. */
  readonly edition: 'none' | 'standard' | 'enterprise' | 'embed';
}

export interface AfterCommitSettings {
  /** Tell the model's datagroup that data changed (PATCH /datagroups/{id}, once per run). */
  readonly trigger_datagroup: boolean;
  /** `none`; `database`: counts and key checksums there; `looker`: also columns and one aggregate per explore. */
  readonly read_back: 'none' | 'database' | 'looker';
}

/** One Scheduled Plan, found again by its name. What it delivers: `dashboard`, `look_id`, or `explore` with `fields`. */
export interface ScheduleSettings {
  readonly name: string;
  /** LookML dashboard of the model (its name) or the ID of a user-defined dashboard. */
  readonly dashboard?: string;
  readonly look_id?: string;
  readonly explore?: string;
  readonly fields?: readonly string[];
  /** URL-style, `Issued=last 30 days&Status=open`. */
  readonly filters?: string;
  /** `crontab`: five fields; without one the plan runs when the model's datagroup is triggered. */
  readonly crontab?: string;
  readonly timezone?: string;
  readonly type: 'email' | 's3' | 'sftp' | 'webhook';
  /** E-mail address, `s3://bucket/folder/`, `sftp://host/folder/` or https URL. */
  readonly address: string;
  readonly format:
    | 'csv'
    | 'txt'
    | 'json'
    | 'json_detail'
    | 'inline_json'
    | 'xlsx'
    | 'html'
    | 'csv_zip'
    | 'wysiwyg_pdf'
    | 'wysiwyg_png';
  /** S3: access key ID; SFTP: user. */
  readonly user?: string;
  /** S3: secret access key; SFTP: password. */
  readonly secret?: string;
  /** S3. */
  readonly region?: string;
  readonly message?: string;
  /** Also deliver once after each load. */
  readonly run_once: boolean;
}

export const lookerProperty = (order: number) => ({
  type: 'object',
  order,
  title: 'Looker',
  description: 'The Looker instance. Needed for mode "sql_runner" and for everything that is done in Looker.',
  required: ['base_url', 'client_id', 'client_secret', 'connection'],
  properties: {
    base_url: text(
      0,
      'Address',
      'Address of the API host; add port 19999 for older and self-hosted instances.',
      {
        examples: ['https://acme.cloud.looker.com', 'https://looker.acme.com:19999'],
      },
    ),
    client_id: text(
      1,
      'Client ID',
      "ID of an API key (Admin, Users, Edit API keys; core: the user's account page).",
    ),
    client_secret: text(2, 'Client secret', 'Secret of that API key.', { airbyte_secret: true }),
    connection: text(3, 'Connection', 'Name of the database connection in Looker (Admin, Connections).'),
    edition: text(4, 'Edition', 'Of Looker (Google Cloud core), which has monthly API quotas.', {
      enum: ['none', 'standard', 'enterprise', 'embed'],
      default: 'none',
    }),
  },
});

export const afterCommitProperty = (order: number) => ({
  type: 'object',
  order,
  title: 'After a load',
  description: 'What is done once rows are durable.',
  default: {},
  properties: {
    trigger_datagroup: {
      type: 'boolean',
      order: 0,
      title: 'Trigger the datagroup',
      description: "Marks the model's datagroup triggered, so that caches and persistent tables are renewed.",
      default: true,
    },
    read_back: text(
      1,
      'Read back',
      'Proof of the load: counts and key checksums in the database, then through Looker.',
      { enum: ['none', 'database', 'looker'], default: 'looker' },
    ),
  },
});

export const schedulesProperty = (order: number) => ({
  type: 'array',
  order,
  title: 'Scheduled plans',
  description: 'Deliveries out of Looker, created or updated by name after a load.',
  default: [],
  items: {
    type: 'object',
    required: ['name', 'type', 'address', 'format'],
    properties: {
      name: text(0, 'Name', 'The plan is found again by it.'),
      dashboard: text(1, 'Dashboard', 'LookML dashboard of the model, or ID of a dashboard.'),
      look_id: text(2, 'Look', 'ID of a Look, in place of a dashboard.'),
      explore: text(3, 'Explore', 'Explore of the model to query, in place of a dashboard.'),
      fields: {
        type: 'array',
        order: 4,
        title: 'Fields',
        description: 'Fields of that explore.',
        items: { type: 'string' },
      },
      filters: text(5, 'Filters', 'As in the address of a dashboard.', { examples: ['Issued=last 30 days'] }),
      crontab: text(6, 'Crontab', 'Five fields. Without one the plan follows the datagroup.', {
        examples: ['0 7 * * 1-5'],
      }),
      timezone: text(7, 'Time zone', "Default: the instance's.", { examples: ['Europe/London'] }),
      type: text(8, 'Delivery', 'Where it goes.', { enum: ['email', 's3', 'sftp', 'webhook'] }),
      address: text(
        9,
        'Address',
        'E-mail address, s3://bucket/folder/, sftp://host/folder/ or https address.',
      ),
      format: text(10, 'Format', 'Format of the delivery.', {
        enum: [
          'csv',
          'txt',
          'json',
          'json_detail',
          'inline_json',
          'xlsx',
          'html',
          'csv_zip',
          'wysiwyg_pdf',
          'wysiwyg_png',
        ],
      }),
      user: text(11, 'User', 'S3: access key ID. SFTP: user.'),
      secret: text(12, 'Secret', 'S3: secret access key. SFTP: password.', { airbyte_secret: true }),
      region: text(13, 'Region', 'S3: region of the bucket.'),
      message: text(14, 'Message', 'Text of an e-mail.', { maxLength: 1500 }),
      run_once: { type: 'boolean', order: 15, title: 'Deliver after each load', default: false },
    },
  },
});
