// GET …/cdc: everything that changed since an instant, deletes included, with its cap and its irregularities.
import { hashText } from '../../books/random.ts';
import type { Company } from './company.ts';
import type { Entity } from './entities.ts';
import { invalidParameter, missingParameter, notTracked, tooOld } from './errors.ts';
import { openEntity } from './query-run.ts';
import { render } from './render.ts';
import type { Row, Tombstone } from './shelf.ts';
import { parseInstant, stamp } from './times.ts';

const DAY = 86_400_000;

export interface CaptureOptions {
  readonly entities: string | null;
  readonly changedSince: string | null;
  readonly now: number;
  /** Most objects of an answer. */
  readonly cap: number;
  readonly days: number;
}

/** One changed record, or one that is gone. */
type Found = { readonly at: number; readonly id: number; readonly row?: Row; readonly tombstone?: Tombstone };

/** The `CDCResponse` member, as JSON text. */
export function capture(company: Company, options: CaptureOptions): string {
  const { switches } = company;
  const { entities, changedSince, now, cap, days } = options;
  if (!entities) throw missingParameter('entities');
  if (!changedSince) throw missingParameter('changedSince');
  const asked = [...new Set(entities.split(',').map((one) => one.trim()))].map((name) =>
    tracked(company, name),
  );
  const given = parseInstant(changedSince);
  if (given === undefined) throw invalidParameter('changedSince', changedSince);
  const earliest = now - days * DAY;
  if (given < earliest && switches.cdcTooOld === 'fault') throw tooOld();
  const since = Math.max(given, switches.cdcTooOld === 'fault' ? given : earliest);
  const order = switches.cdcElements === 'shuffled' ? shuffled(asked, now) : asked;
  let room = cap;
  const elements = order.map((entity) => {
    const all = changes(company, entity, since);
    const shown = cut(all, switches.cdcCap === 'per call' ? room : cap, switches.cdcKeeps);
    if (switches.cdcCap === 'per call') room -= shown.length;
    return element(company, entity, { shown, all: all.length });
  });
  return `[{"QueryResponse":[${elements.join(',')}]}]`;
}

function tracked(company: Company, name: string): Entity {
  const entity = openEntity(name, company);
  if (
    entity.tracked === 'no' ||
    (entity.tracked === 'rare' && company.switches.cdcRareEntities === 'refused')
  )
    throw notTracked(entity.name);
  return entity;
}

/** Another order than asked for, and another one for every second of the clock. */
function shuffled(entities: readonly Entity[], now: number): readonly Entity[] {
  const place = (entity: Entity): number => hashText(`${entity.name}${Math.floor(now / 1000)}`);
  return entities.toSorted((left, right) => place(left) - place(right));
}

/** Changes since an instant, newest first. */
function changes(company: Company, entity: Entity, since: number): Found[] {
  const shelf = company.shelf(entity.name);
  const passes = (at: number): boolean =>
    company.switches.cdcSince === 'inclusive' ? at >= since : at > since;
  const found: Found[] = [];
  const rows = shelf.inTimeOrder;
  for (let at = rows.length - 1; at >= 0; at -= 1) {
    const row = rows[at];
    if (!row || !passes(row.updatedAt)) break;
    found.push({ at: row.updatedAt, id: row.number, row });
  }
  const gone = shelf.tombstones.filter(({ at }) => passes(at));
  for (const tombstone of gone) found.push({ at: tombstone.at, id: Number(tombstone.id), tombstone });
  return gone.length === 0 ? found : found.sort((left, right) => right.at - left.at || right.id - left.id);
}

function cut(found: readonly Found[], room: number, keeps: 'newest' | 'oldest'): readonly Found[] {
  if (found.length <= room) return found;
  return keeps === 'newest' ? found.slice(0, room) : found.slice(found.length - room);
}

function element(
  company: Company,
  entity: Entity,
  { shown, all }: { shown: readonly Found[]; all: number },
): string {
  if (shown.length === 0) return '{}';
  const records = shown.map((one) => recordOf(company, entity, one));
  const { cdcDuplicates, cdcTotalCount } = company.switches;
  const texts = (cdcDuplicates ? withOlderImages(records) : records).map((one) => JSON.stringify(one));
  const total = cdcTotalCount === 'shown' ? shown.length : all;
  return `{"${entity.name}":[${texts.join(',')}],"startPosition":1,"maxResults":${shown.length},"totalCount":${total}}`;
}

type Fields = Record<string, unknown>;

function recordOf(company: Company, entity: Entity, { row, tombstone }: Found): Fields {
  if (row) return render(company, entity.name, row);
  const dead: Fields = { domain: 'QBO', status: 'Deleted', Id: tombstone?.id };
  if (company.switches.tombstoneMetaData) dead.MetaData = { LastUpdatedTime: stamp(tombstone?.at ?? 0) };
  return dead;
}

/** Every third record again: a repetition before it, or an image of before its last change after it. */
function withOlderImages(records: readonly Fields[]): Fields[] {
  return records.flatMap((record, at) => {
    if (at % 3 !== 0) return [record];
    const token = Number(record.SyncToken);
    if (!(token > 0)) return [record, record];
    return [
      record,
      { ...record, SyncToken: String(token - 1), PrivateNote: 'An image of before the last change' },
    ];
  });
}
