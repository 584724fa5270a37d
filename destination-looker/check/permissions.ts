// Which Looker permissions a configuration needs, and for what (docs/admin-panel-users-roles).
import type { Config } from '../spec.ts';

/** Permissions the settings ask for that are not among those held. */
export function missingPermissions(config: Config, held: ReadonlySet<string>): readonly string[] {
  return [...wanted(config)].filter((permission) => !held.has(permission) && !coveredBy(permission, held));
}

function* wanted({ mode, model, after_commit, schedules }: Config): Generator<string> {
  yield 'access_data';
  if (mode === 'sql_runner') yield 'use_sql_runner';
  if (mode === 'files') return;
  if (model && (model.deploy === 'api' || model.deploy === 'files')) yield* ['develop', 'deploy'];
  if (model && model.deploy !== 'none' && model.configure) yield 'manage_models';
  if (model && after_commit.trigger_datagroup) yield 'update_datagroups';
  if (model && after_commit.read_back === 'looker') yield 'explore';
  if (model?.dashboards === 'import') yield 'save_dashboards';
  for (const type of new Set(schedules.map((schedule) => schedule.type))) yield deliveries[type];
}

const deliveries = {
  email: 'schedule_look_emails',
  s3: 'send_to_s3',
  sftp: 'send_to_sftp',
  webhook: 'send_outgoing_webhook',
} as const;

/** Narrower permissions that do as well. */
const alternatives: Readonly<Record<string, readonly string[]>> = {
  manage_models: ['manage_project_models'],
  schedule_look_emails: ['schedule_external_look_emails'],
};

const coveredBy = (permission: string, held: ReadonlySet<string>): boolean =>
  (alternatives[permission] ?? []).some((other) => held.has(other));
