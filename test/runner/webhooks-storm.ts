// Deliveries of both vendors as a storm brings them: duplicates, in any order, some signed wrongly, from a seed.
import { guid, seededRandom } from '../books/random.ts';
import {
  webhookBody as quickbooksBody,
  webhookSignature as quickbooksSignature,
} from '../emulators/quickbooks/index.ts';
import { webhookBody, webhookSignature } from '../emulators/xero/index.ts';

export interface Delivery {
  readonly source: 'xero' | 'quickbooks';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What it is about, as `tenant/record`; forged ones are about records that no right one names. */
  readonly records: readonly string[];
  readonly forged: boolean;
}

export interface StormOptions {
  readonly seed: number;
  /** Events that differ. */
  readonly events: number;
  /** Of each vendor. */
  readonly tenants: number;
  /** Most events of one body. */
  readonly most?: number;
  readonly keys: { readonly xero: string; readonly quickbooks: string };
}

export const tenantOf = (source: Delivery['source'], index: number): string =>
  source === 'xero' ? guid(1, 77, index) : String(9_000 + index);

/** Each event in one delivery at least, a fifth of the deliveries twice or more, one in ten besides forged. */
export function storm({ seed, events, tenants, most = 8, keys }: StormOptions): readonly Delivery[] {
  const random = seededRandom(seed);
  const at = Date.parse('2026-03-01T10:00:00Z');
  const deliveries: Delivery[] = [];
  let sequence = 1;
  for (let sent = 0; sent < events; ) {
    const count = Math.min(random.whole(1, most), events - sent);
    const source = random.chance(0.5) ? 'xero' : 'quickbooks';
    const part = { source, first: sent, count, tenants, at, sequence, keys } as const;
    const right = source === 'xero' ? ofXero(part, random) : ofQuickbooks(part, random);
    deliveries.push(right);
    while (random.chance(0.2)) deliveries.push(right);
    if (random.chance(0.1)) deliveries.push(forgedOf({ ...part, first: sent + events }, random));
    if (source === 'xero') sequence += count;
    sent += count;
  }
  return shuffled(deliveries, random);
}

type Random = ReturnType<typeof seededRandom>;

interface Part {
  readonly source: Delivery['source'];
  readonly first: number;
  readonly count: number;
  readonly tenants: number;
  readonly at: number;
  readonly sequence: number;
  readonly keys: StormOptions['keys'];
}

function ofXero({ first, count, tenants, at, sequence, keys }: Part, random: Random): Delivery {
  const events = Array.from({ length: count }, (_, index) => ({
    resourceUrl: 'https://api.xero.com/api.xro/2.0/Invoices',
    resourceId: guid(1, 78, first + index),
    eventDateUtc: new Date(at + first + index).toISOString().slice(0, 23),
    eventType: random.pick(['CREATE', 'UPDATE']),
    eventCategory: 'INVOICE',
    tenantId: tenantOf('xero', random.whole(0, tenants - 1)),
    tenantType: 'ORGANISATION' as const,
  }));
  const body = webhookBody(events, { first: sequence });
  return {
    source: 'xero',
    body,
    headers: { 'content-type': 'application/json', 'x-xero-signature': webhookSignature(body, keys.xero) },
    records: events.map(({ tenantId, resourceId }) => `${tenantId}/${resourceId}`),
    forged: false,
  };
}

function ofQuickbooks({ first, count, tenants, at, keys }: Part, random: Random): Delivery {
  const events = Array.from({ length: count }, (_, index) => ({
    realmId: tenantOf('quickbooks', random.whole(0, tenants - 1)),
    entity: random.pick(['Invoice', 'Customer', 'Payment']),
    id: String(first + index),
    operation: random.pick(['Create', 'Update'] as const),
    at: at + first + index,
  }));
  const body = quickbooksBody(events, random.chance(0.5) ? 'cloudevents' : 'legacy');
  return {
    source: 'quickbooks',
    body,
    headers: {
      'content-type': 'application/json',
      'intuit-signature': quickbooksSignature(body, keys.quickbooks),
    },
    records: events.map(({ realmId, id }) => `${realmId}/${id}`),
    forged: false,
  };
}

/** Signed with another key, with the other vendor's, or over another body. */
function forgedOf(part: Part, random: Random): Delivery {
  const { keys } = part;
  const swapped = { xero: keys.quickbooks, quickbooks: keys.xero };
  const wrong = random.pick([swapped, { xero: 'guessed', quickbooks: 'guessed' }]);
  const make = part.source === 'xero' ? ofXero : ofQuickbooks;
  const made = make({ ...part, keys: random.chance(0.3) ? keys : wrong }, random);
  return { ...made, body: `${made.body} `, forged: true };
}

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  return list
    .map((entry) => ({ entry, place: random.whole(0, 1_000_000_000) }))
    .sort((one, other) => one.place - other.place)
    .map(({ entry }) => entry);
}
