// The events of QuickBooks, in both bodies: arrays of CloudEvents, and the older notifications by company.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { NewEvent } from '../store/contract.ts';
import { instantOf, madeId, textOf, unreadableEvent } from './reading.ts';
import { streamNamed } from './streams.ts';

type Entry = Readonly<Record<string, unknown>>;

/** The events of a body; undefined: it is none of Intuit's. An event that cannot be read is there as an unreadable one. */
export function quickbooksEvents(body: unknown, receivedAt: number): readonly NewEvent[] | undefined {
  // A body may hold events of several companies, whatever the form: each is taken by its own.
  if (Array.isArray(body)) return body.flatMap((event) => cloudEvents(event, receivedAt));
  if (!isObject(body)) return undefined;
  if (Array.isArray(body.eventNotifications))
    return body.eventNotifications.flatMap((one) => notified(one, receivedAt));
  return 'specversion' in body ? cloudEvents(body, receivedAt) : undefined;
}

/** What both forms say of a change. */
interface Change {
  readonly id: string;
  readonly realm: string;
  readonly entity: string;
  readonly operation: string;
  readonly record: string;
  readonly at: unknown;
  /** The record that was merged into the other one. */
  readonly merged?: string | undefined;
}

const typePattern = /^qbo\.([^.]+)\.([^.]+)(?:\.v\d+)?$/i;

function cloudEvents(event: unknown, receivedAt: number): readonly NewEvent[] {
  const [, entity, operation] = isObject(event) ? (typePattern.exec(textOf(event.type) ?? '') ?? []) : [];
  const { id, intuitentityid, intuitaccountid, time, data } = (isObject(event) ? event : {}) as Entry;
  const [record, realm] = [textOf(intuitentityid), textOf(intuitaccountid)];
  if (!entity || !operation || !record || !realm) return [unread(event, receivedAt)];
  const change = { realm, entity, operation: operation.toLowerCase(), record, at: time };
  const merged = isObject(data) ? textOf(data.deletedid ?? data.deletedId) : undefined;
  return eventsOf({ ...change, id: textOf(id) ?? idOf(change), merged }, receivedAt);
}

/** Operations of the older form, as CloudEvents call them. */
const operations: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'updated',
  delete: 'deleted',
  merge: 'merged',
  void: 'voided',
};

function notified(notification: unknown, receivedAt: number): readonly NewEvent[] {
  const { realmId, dataChangeEvent } = (isObject(notification) ? notification : {}) as Entry;
  const realm = textOf(realmId);
  const entities = isObject(dataChangeEvent) ? dataChangeEvent.entities : undefined;
  if (!realm || !Array.isArray(entities)) return [unread(notification, receivedAt)];
  return entities.flatMap((entry: unknown) => {
    const { name, id, operation, lastUpdated, deletedId } = (isObject(entry) ? entry : {}) as Entry;
    const [entity, record] = [textOf(name), textOf(id)];
    if (!entity || !record) return [unread({ realm, entry }, receivedAt)];
    const done = (textOf(operation) ?? 'update').toLowerCase();
    const change = { realm, entity, operation: operations[done] ?? done, record, at: lastUpdated };
    return eventsOf({ ...change, id: idOf(change), merged: textOf(deletedId) }, receivedAt);
  });
}

const idOf = ({ realm, entity, operation, record, at }: Omit<Change, 'id'>): string =>
  madeId('quickbooks', [realm, entity, operation, record, instantOf(at) ?? String(at)]);

/** A merge is about two records: the one that stays, and the one that went into it, whose reading tells what it is now. */
function eventsOf(change: Change, receivedAt: number): readonly NewEvent[] {
  const { id, realm, entity, operation, record, at, merged } = change;
  const stream = streamNamed('quickbooks', entity);
  const event: NewEvent = {
    id,
    source: 'quickbooks',
    tenant: realm,
    ...(stream !== undefined && { stream }),
    record,
    type: `${entity.toLowerCase()}.${operation}`,
    happenedAt: instantOf(at) ?? receivedAt,
    receivedAt,
  };
  return merged ? [event, { ...event, id: `${id}/${merged}`, record: merged }] : [event];
}

const unread = (part: unknown, receivedAt: number): NewEvent =>
  unreadableEvent('quickbooks', JSON.stringify(part) ?? '', receivedAt);
