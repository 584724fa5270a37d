// Xero's events: thin ones, of many organisations in a body, numbered over all of them.
import { isObject } from '@airbyte/cdk-typescript-shim';
import type { NewEvent } from '../store/contract.ts';
import { instantOf, madeId, textOf, unreadableEvent } from './reading.ts';
import { streamNamed } from './streams.ts';

/** The events of a body; undefined: it is none of Xero's. An event that cannot be read is there as an unreadable one. */
export function xeroEvents(body: unknown, receivedAt: number): readonly NewEvent[] | undefined {
  if (!isObject(body) || !Array.isArray(body.events)) return undefined;
  const first = firstSequence(body, body.events.length);
  return body.events.map((event: unknown, index) => {
    const sequence = first === undefined ? {} : { sequence: first + index };
    const read = eventOf(event, receivedAt);
    return { ...(read ?? unreadableEvent('xero', JSON.stringify(event), receivedAt)), ...sequence };
  });
}

/** Numbers that do not fit the count of the events say nothing about one of them. */
function firstSequence(body: Readonly<Record<string, unknown>>, count: number): number | undefined {
  const { firstEventSequence: first, lastEventSequence: last } = body;
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last)) return undefined;
  const start = Number(first);
  return start > 0 && Number(last) - start + 1 === count ? start : undefined;
}

/** Archived and voided records come as updates; there is no event of a deletion. The resource's address may lack the id. */
function eventOf(event: unknown, receivedAt: number): NewEvent | undefined {
  if (!isObject(event)) return undefined;
  const tenant = textOf(event.tenantId);
  const record = textOf(event.resourceId);
  const category = textOf(event.eventCategory)?.toUpperCase();
  if (!tenant || !record || !category) return undefined;
  // Documented in capitals, seen with small letters.
  const type = `${category}.${textOf(event.eventType)?.toUpperCase() ?? 'UPDATE'}`;
  const happenedAt = instantOf(event.eventDateUtc);
  const stream = isOfApp(event) ? undefined : streamOf(category, event.data);
  return {
    // Xero gives no id; these are what it tells duplicates by.
    id: madeId('xero', [tenant, record, type, happenedAt ?? String(event.eventDateUtc)]),
    source: 'xero',
    tenant,
    ...(stream !== undefined && { stream }),
    record,
    type,
    happenedAt: happenedAt ?? receivedAt,
    receivedAt,
  };
}

/** Events of the app's own subscriptions are about no organisation. */
const isOfApp = ({ tenantType }: Readonly<Record<string, unknown>>): boolean =>
  typeof tenantType === 'string' && tenantType.toUpperCase() === 'APPLICATION';

/** Credit notes say which ledger they are of; invoices do not. */
function streamOf(category: string, data: unknown): string | undefined {
  if (category === 'CREDITNOTE' && isObject(data) && textOf(data.Type)?.toUpperCase() === 'ACCPAYCREDIT')
    return 'purchase_credit_notes';
  return streamNamed('xero', category);
}
