// Settings of the LookML model over the tables, and how it gets into Looker.
import { text } from './text.ts';

export interface ModelSettings {
  /** Name of the LookML model, unique in the instance. */
  readonly name: string;
  readonly label: string;
  /** Name of the LookML project; needed for every `deploy` but "none". */
  readonly project?: string;
  /** Folder on this machine the model is written to. */
  readonly directory?: string;
  readonly git_remote?: string;
  readonly git_branch: string;
  readonly git_user?: string;
  readonly git_password?: string;
  /**
   * How the files reach production: `none` only writes them, `webhook` and `api` push by git and deploy,
   * `files` uses Looker's undocumented file endpoints in the development workspace and deploys.
   */
  readonly deploy: 'none' | 'webhook' | 'api' | 'files';
  readonly webhook_secret?: string;
  /** Validate through the API before and after the deployment; an error in our files ends the publication. */
  readonly validate: boolean;
  /** Create or repair the model's configuration (POST/PATCH /lookml_models). */
  readonly configure: boolean;
  /** `lookml`: in the project; `import`: also a user-defined dashboard through the API; `none`. */
  readonly dashboards: 'lookml' | 'import' | 'none';
  /** Folder for imported dashboards. Default: the key's own folder. */
  readonly folder_id?: string;
  /** First month of the fiscal year less one: LookML's fiscal_month_offset. */
  readonly fiscal_month_offset: number;
  /** A run of fewer streams takes the others' views out of the model; else it leaves the model as it is. */
  readonly shrink: boolean;
}

const identifier = { pattern: '^[a-z][a-z0-9_]*$', pattern_descriptor: 'lower_case_name' } as const;

export const modelProperty = (order: number) => ({
  type: 'object',
  order,
  title: 'Model',
  description: 'The LookML model that is made from the streams. Leave it out to load tables only.',
  properties: {
    name: text(0, 'Model name', 'Unique in the Looker instance.', { ...identifier, default: 'ledgerpipe' }),
    label: text(1, 'Label', 'What people see in the Explore menu.', { default: 'Accounting' }),
    project: text(2, 'LookML project', 'Needed when the model is deployed.'),
    directory: text(3, 'Directory', 'Folder on this machine for the generated files.', {
      examples: ['/var/lib/ledgerpipe/lookml'],
    }),
    git_remote: text(4, 'Git remote', 'Repository of the LookML project. Only generated files are touched.', {
      examples: ['https://github.com/acme/looker-ledgerpipe.git'],
    }),
    git_branch: text(5, 'Git branch', "The project's production branch.", { default: 'main' }),
    git_user: text(6, 'Git user', 'For https remotes.'),
    git_password: text(7, 'Git password or token', 'For https remotes.', { airbyte_secret: true }),
    deploy: text(
      8,
      'Deployment',
      '"none" only writes files; "webhook" pushes by git and calls the deploy webhook; "api" pushes by git and deploys through the API; "files" writes through endpoints that Looker has not documented.',
      { enum: ['none', 'webhook', 'api', 'files'], default: 'none' },
    ),
    webhook_secret: text(9, 'Deploy webhook secret', 'As set in the project, if one is set.', {
      airbyte_secret: true,
    }),
    validate: { type: 'boolean', order: 10, title: 'Validate LookML', default: true },
    configure: { type: 'boolean', order: 11, title: 'Configure the model', default: true },
    dashboards: text(12, 'Dashboards', 'In the project, imported through the API as well, or none.', {
      enum: ['lookml', 'import', 'none'],
      default: 'lookml',
    }),
    folder_id: text(13, 'Dashboard folder', 'ID of the folder for imported dashboards.'),
    fiscal_month_offset: {
      type: 'integer',
      order: 14,
      title: 'Fiscal month offset',
      description: 'Months the fiscal year starts after January, or before it when negative.',
      minimum: -11,
      maximum: 11,
      default: 0,
    },
    shrink: {
      type: 'boolean',
      order: 15,
      title: 'Follow fewer streams',
      description:
        'A run that has fewer streams than the model has views takes those views out. Without it such a run leaves the model as it is.',
      default: false,
    },
  },
});
