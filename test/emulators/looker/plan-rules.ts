// What a scheduled plan must look like: the rules of creation and change (looker.md 6).
import { isObject } from '@airbyte/cdk-typescript-shim';
import { invalid, missing, type Problem, wrong } from './answers.ts';
import type { Permission } from './permissions.ts';
import type { Switches } from './switches.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const CONTENTS = ['look_id', 'dashboard_id', 'lookml_dashboard_id', 'query_id'] as const;

const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** Refuses with every problem at once. `scheduled`: it needs a time or a datagroup; a plan run once does not. */
export function checkPlan(
  plan: Fields,
  { scheduled, switches }: { scheduled: boolean; switches: Switches },
): void {
  const problems: Problem[] = [];
  if (scheduled && !isGiven(plan.name)) problems.push(missing('name'));
  const contents = CONTENTS.filter((field) => isGiven(plan[field]));
  if (contents.length !== 1)
    problems.push(wrong('dashboard_id', `give exactly one of ${CONTENTS.join(', ')}`));
  if (isGiven(plan.crontab) && isGiven(plan.datagroup))
    problems.push(wrong('crontab', 'give crontab or datagroup, not both'));
  if (scheduled && !isGiven(plan.crontab) && !isGiven(plan.datagroup)) problems.push(missing('crontab'));
  if (isGiven(plan.crontab) && !isCrontab(String(plan.crontab)))
    problems.push(wrong('crontab', 'is no crontab of 5 fields'));
  if (
    isGiven(plan.datagroup) &&
    switches.planDatagroup === 'model::name' &&
    !String(plan.datagroup).includes('::')
  )
    problems.push(wrong('datagroup', 'is not "model::name"'));
  if (isGiven(plan.look_id))
    for (const field of ['require_results', 'require_no_results', 'require_change'])
      if (typeof plan[field] !== 'boolean') problems.push(missing(field));
  problems.push(...destinationProblems(plan.scheduled_plan_destination, contents[0]));
  if (problems.length > 0) throw invalid(...problems);
}

const RANGES = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

function isCrontab(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return (
    fields.length === 5 &&
    fields.every((field, index) => field.split(',').every((part) => isPart(part, RANGES[index] ?? [0, 0])))
  );
}

function isPart(part: string, [low, high]: readonly [number, number]): boolean {
  const found = /^(\*|\d+(?:-\d+)?)(?:\/([1-9]\d*))?$/.exec(part);
  if (!found)
    return /^(sun|mon|tue|wed|thu|fri|sat|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(-[a-z]{3})?$/i.test(
      part,
    );
  const numbers = found[1] === '*' ? [] : (found[1] ?? '').split('-').map(Number);
  return numbers.every((number) => number >= low && number <= high);
}

const DASHBOARD_ONLY = ['csv_zip', 'wysiwyg_pdf', 'assembled_pdf', 'wysiwyg_png'];
const FORMATS = ['csv', 'txt', 'json', 'json_detail', 'inline_json', 'xlsx', 'html', ...DASHBOARD_ONLY];

function destinationProblems(list: unknown, content: string | undefined): Problem[] {
  const field = 'scheduled_plan_destination';
  if (!Array.isArray(list) || list.length === 0) return [missing(field)];
  return list.flatMap((one: unknown, index) => {
    const at = (name: string): string => `${field}[${index}].${name}`;
    if (!isObject(one)) return [wrong(`${field}[${index}]`, 'is no object')];
    return [...addressProblems(one, at), ...formatProblems(one, content, at)];
  });
}

function formatProblems(one: Fields, content: string | undefined, at: (name: string) => string): Problem[] {
  if (!isGiven(one.format)) return [missing(at('format'))];
  const format = String(one.format);
  if (!FORMATS.includes(format)) return [wrong(at('format'), `"${format}" is no format`)];
  const isDashboard = content === 'dashboard_id' || content === 'lookml_dashboard_id';
  if (DASHBOARD_ONLY.includes(format) && !isDashboard)
    return [wrong(at('format'), `"${format}" is for dashboards`)];
  const message = typeof one.message === 'string' && one.message.length > 1500;
  return message ? [wrong(at('message'), 'is longer than 1,500 characters')] : [];
}

function addressProblems(one: Fields, at: (name: string) => string): Problem[] {
  const type = String(one.type ?? '');
  const address = String(one.address ?? '');
  const patterns: Readonly<Record<string, RegExp>> = {
    email: /^[^@\s]+@[^@\s]+$/,
    webhook: /^https?:\/\/\S+$/,
    s3: /^s3:\/\/[^/]+/,
    sftp: /^sftp:\/\/[^/]+/,
  };
  if (type.startsWith('looker-integration://')) return [];
  const pattern = patterns[type];
  if (!pattern) return [wrong(at('type'), `"${type}" is no destination type`)];
  if (!pattern.test(address)) return [wrong(at('address'), `"${address}" does not fit type "${type}"`)];
  return type === 's3' || type === 'sftp' ? secretProblems(one, { type, at }) : [];
}

/** Both are JSON in a string (looker.md 6). */
function secretProblems(
  one: Fields,
  { type, at }: { type: string; at: (name: string) => string },
): Problem[] {
  const wanted =
    type === 's3' ? (['access_key_id', 'secret_access_key'] as const) : (['username', 'password'] as const);
  const fields = ['parameters', 'secret_parameters'] as const;
  return fields.flatMap((field, index) => {
    const name = wanted[index] ?? '';
    // A plan that is changed comes back without its secrets: they are kept.
    if (field === 'secret_parameters' && one[field] === undefined && one.id !== undefined) return [];
    try {
      const value: unknown = JSON.parse(String(one[field]));
      return isObject(value) && isGiven(value[name]) ? [] : [wrong(at(field), `holds no "${name}"`)];
    } catch {
      return [wrong(at(field), 'is no JSON in a string')];
    }
  });
}

/** The permission each kind of destination needs. */
export function permissionFor(type: string): Permission {
  if (type === 's3') return 'send_to_s3';
  if (type === 'sftp') return 'send_to_sftp';
  if (type === 'webhook') return 'send_outgoing_webhook';
  return type === 'email' ? 'schedule_look_emails' : 'send_to_integration';
}
