// Who may do what: the permissions a connector meets, and the built-in sets of them (looker.md 1).

export const permissions = [
  'access_data',
  'see_looks',
  'see_user_dashboards',
  'see_lookml_dashboards',
  'explore',
  'see_sql',
  'see_lookml',
  'use_sql_runner',
  'develop',
  'deploy',
  'manage_models',
  'manage_project_models',
  'use_global_connections',
  'see_datagroups',
  'update_datagroups',
  'see_pdts',
  'schedule_look_emails',
  'schedule_external_look_emails',
  'send_to_s3',
  'send_to_sftp',
  'send_outgoing_webhook',
  'send_to_integration',
  'download_with_limit',
  'download_without_limit',
  'see_schedules',
  'manage_schedules',
  'save_content',
  'save_dashboards',
  'manage_spaces',
  'see_users',
  'sudo',
  'administer',
] as const;

export type Permission = (typeof permissions)[number];

/** The built-in set "Developer": what it leaves out is what connectors trip over. */
const developer: readonly Permission[] = [
  'access_data',
  'see_looks',
  'see_user_dashboards',
  'see_lookml_dashboards',
  'explore',
  'see_sql',
  'see_lookml',
  'use_sql_runner',
  'develop',
  'deploy',
  'download_without_limit',
  'schedule_look_emails',
  'send_to_integration',
  'save_content',
  'save_dashboards',
  'manage_spaces',
  'see_pdts',
  'see_datagroups',
];

const viewer: readonly Permission[] = [
  'access_data',
  'see_looks',
  'see_user_dashboards',
  'see_lookml_dashboards',
  'download_with_limit',
];

export const builtIn = {
  Admin: permissions,
  Developer: developer,
  Viewer: viewer,
} as const satisfies Record<string, readonly Permission[]>;

/** A list of permissions, or the name of a built-in set. */
export type Granted = keyof typeof builtIn | readonly Permission[];

export const permissionsOf = (granted: Granted): ReadonlySet<Permission> =>
  new Set<Permission>(typeof granted === 'string' ? builtIn[granted] : granted);
