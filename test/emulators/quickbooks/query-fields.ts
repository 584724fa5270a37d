// What statements may filter and sort by, and how values compare.
import type { Company } from './company.ts';
import type { Entity } from './entities.ts';
import { queryInvalid } from './errors.ts';
import type { Condition } from './query-parse.ts';
import { render } from './render.ts';
import type { Row } from './shelf.ts';
import type { QuickbooksSwitches } from './switches.ts';
import { parseInstant } from './times.ts';

export type Value = string | number | boolean | undefined;

export interface Field {
  readonly name: string;
  readonly type: 'id' | 'instant' | 'flag' | 'other';
  of(row: Row): Value;
}

const COMMON = ['Id', 'SyncToken', 'MetaData.CreateTime', 'MetaData.LastUpdatedTime'];

/** A field by its name in any case; 4001 when the entity cannot be asked about it. */
export function fieldNamed(name: string, { entity, company }: { entity: Entity; company: Company }): Field {
  const known = [...COMMON, ...(entity.hidesInactive ? ['Active'] : []), ...entity.fields];
  const found = known.find((one) => one.toLowerCase() === name.toLowerCase());
  if (found === undefined)
    throw queryInvalid(`Property ${name} not found for Entity ${entity.name}, or not queryable`);
  const type =
    found === 'Id' ? 'id' : found.startsWith('MetaData.') ? 'instant' : found === 'Active' ? 'flag' : 'other';
  return { name: found, type, of: reader(found, { entity, company }) };
}

function reader(name: string, { entity, company }: { entity: Entity; company: Company }): Field['of'] {
  switch (name) {
    case 'Id':
      return (row) => row.id;
    case 'SyncToken':
      return (row) => row.token;
    case 'MetaData.CreateTime':
      return (row) => row.createdAt;
    case 'MetaData.LastUpdatedTime':
      return (row) => row.updatedAt;
    case 'Active':
      return (row) => row.active;
    default: {
      const path = name.split('.');
      return (row) => valueAt(render(company, entity.name, row), path);
    }
  }
}

/** A value inside a drawn record: of references their id, of addresses their text. */
function valueAt(record: unknown, path: readonly string[]): Value {
  let value = record;
  for (const name of path) {
    const from = Array.isArray(value) ? value[0] : value;
    value = typeof from === 'object' && from !== null ? (from as Record<string, unknown>)[name] : undefined;
  }
  if (typeof value === 'object' && value !== null)
    value = 'value' in value ? value.value : 'Address' in value ? value.Address : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

/** What a condition compares with, in the type of its field. */
export function literalOf(field: Field, text: string): string | number | boolean {
  if (field.type === 'flag') return text.toLowerCase() === 'true';
  if (field.type !== 'instant') return text;
  const at = parseInstant(text);
  if (at === undefined) throw queryInvalid(`"${text}" is not a date for ${field.name}`);
  return at;
}

/** Left against right: below zero, zero or above. Numbers compare as numbers even when they are quoted. */
export function compare(
  left: Value,
  right: string | number | boolean,
  field: Field,
  idAs: QuickbooksSwitches['idComparison'],
): number {
  if (left === undefined) return Number.NaN;
  if (field.type === 'id') return compareIds(String(left), String(right), idAs);
  if (typeof left === 'number') return left - Number(right);
  if (typeof left === 'boolean') return Number(left) - Number(String(right) === 'true');
  return compareTexts(left, String(right));
}

export function compareIds(left: string, right: string, as: QuickbooksSwitches['idComparison']): number {
  if (as === 'numeric' && /^\d+$/.test(left) && /^\d+$/.test(right)) return Number(left) - Number(right);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Texts compare without case, as databases of such products do. */
export function compareTexts(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Does a row meet a condition? */
export function tester(
  { how, values }: Condition,
  field: Field,
  switches: QuickbooksSwitches,
): (row: Row) => boolean {
  const literals = values.map((value) => literalOf(field, value));
  const [first = ''] = literals;
  const against = (row: Row, literal: string | number | boolean): number =>
    compare(field.of(row), literal, field, switches.idComparison);
  switch (how) {
    case 'IN': {
      if (field.type === 'id') {
        const ids = new Set(values);
        return (row) => ids.has(row.id);
      }
      return (row) => literals.some((literal) => against(row, literal) === 0);
    }
    case 'LIKE': {
      const pattern = likePattern(String(first));
      return (row) => pattern.test(String(field.of(row) ?? ''));
    }
    case '=':
      return (row) => against(row, first) === 0;
    case '<':
      return (row) => against(row, first) < 0;
    case '>':
      return (row) => against(row, first) > 0;
    case '<=':
      return (row) => against(row, first) <= 0;
    default:
      return (row) => against(row, first) >= 0;
  }
}

const likePattern = (text: string): RegExp =>
  new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%', '.*')}$`, 'is');
