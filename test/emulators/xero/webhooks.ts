// Webhooks as Xero sends them: thin events, signed over the exact bytes, with the intent-to-receive check and retries.
import { createHmac, randomInt } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Books, Change, TableName } from '../../books/index.ts';
import { DOCUMENT_TYPE } from './look.ts';
import { DEFAULT_SWITCHES, type XeroSwitches } from './switches.ts';

export interface WebhookEvent {
  readonly resourceUrl: string;
  readonly resourceId: string;
  /** ISO with milliseconds and without zone. */
  readonly eventDateUtc: string;
  readonly eventType: string;
  readonly eventCategory: string;
  readonly tenantId: string;
  readonly tenantType: 'ORGANISATION' | 'APPLICATION';
  readonly data?: Readonly<Record<string, string>>;
}

/** What the receiver answered: status 0 when it did not within five seconds. */
export interface WebhookReply {
  readonly status: number;
  readonly milliseconds: number;
  readonly bodyLength: number;
  readonly cookies: boolean;
}

/** base64(HMAC-SHA256(body, key)); the key is its UTF-8 text. */
export function webhookSignature(body: string, key: string): string {
  return createHmac('sha256', key).update(body, 'utf8').digest('base64');
}

/** A body with Xero's irregular spacing: receivers must hash what arrived, not what they would write. */
export function webhookBody(
  events: readonly WebhookEvent[],
  { first, entropy }: { first: number; entropy?: string },
): string {
  const last = events.length === 0 ? first : first + events.length - 1;
  return `{"events":${JSON.stringify(events)},"firstEventSequence": ${first},"lastEventSequence": ${last}, "entropy": "${entropy ?? randomEntropy()}"}`;
}

function randomEntropy(): string {
  return Array.from({ length: 20 }, () => String.fromCharCode(65 + randomInt(26))).join('');
}

const CATEGORY: Partial<Record<TableName, { readonly category: string; readonly path: string }>> = {
  contacts: { category: 'CONTACT', path: 'Contacts' },
  invoices: { category: 'INVOICE', path: 'Invoices' },
  bills: { category: 'INVOICE', path: 'Invoices' },
  salesCredits: { category: 'CREDITNOTE', path: 'CreditNotes' },
  purchaseCredits: { category: 'CREDITNOTE', path: 'CreditNotes' },
  prepayments: { category: 'PREPAYMENT', path: 'Prepayments' },
  overpayments: { category: 'OVERPAYMENT', path: 'Overpayments' },
  // Spec 20.0.0 adds a payments webhook; its category text is presumed.
  payments: { category: 'PAYMENT', path: 'Payments' },
};

/** The events Xero would raise for changes of the books, oldest first. Changes it does not report give none. */
export function webhookEvents(
  books: Books,
  changes: readonly Change[],
  options: Partial<XeroSwitches> = {},
): WebhookEvent[] {
  const switches = { ...DEFAULT_SWITCHES, ...options };
  return changes.flatMap(({ table, record, how, at }) => {
    const row = CATEGORY[table];
    if (!row || how === 'removed' || how === 'silent' || !('id' in record)) return [];
    if (!switches.paymentFiresInvoice && row.category === 'INVOICE' && how === 'changed' && isPaid(record))
      return [];
    const base = `https://api.xero.com/api.xro/2.0/${row.path}`;
    const type = how === 'added' ? 'Create' : 'Update';
    const event: WebhookEvent = {
      resourceUrl: switches.webhookUrlWithId ? `${base}/${String(record.id)}` : base,
      resourceId: String(record.id),
      eventDateUtc: new Date(at).toISOString().slice(0, 23),
      eventType: switches.webhookCase === 'upper' ? type.toUpperCase() : type,
      eventCategory: row.category,
      tenantId: books.company.id,
      tenantType: 'ORGANISATION',
      ...dataOf(row.category, record),
    };
    return [event];
  });
}

const isPaid = (record: object): boolean =>
  'payments' in record && Array.isArray(record.payments) && record.payments.length > 0;

/** The newer categories say a little of what they are about. */
function dataOf(category: string, record: object): { data?: Record<string, string> } {
  if (
    !['CREDITNOTE', 'PREPAYMENT', 'OVERPAYMENT'].includes(category) ||
    !('kind' in record) ||
    !('status' in record)
  )
    return {};
  const kind = String(record.kind);
  const type =
    Object.entries(DOCUMENT_TYPE).find(([name]) => name === kind)?.[1] ??
    (kind.startsWith('customer') ? 'AR' : 'AP');
  const Type = category === 'CREDITNOTE' ? type : `${type}${category}`;
  const updated =
    category === 'PREPAYMENT' && 'updatedAt' in record
      ? { UpdatedDateUTCString: `${new Date(Number(record.updatedAt)).toISOString().slice(0, 19)}Z` }
      : {};
  return { data: { Type, Status: String(record.status).toUpperCase(), ...updated } };
}

/** Posts one body and waits up to five seconds. `signature` replaces the right one. */
export async function postWebhook(
  url: string,
  body: string,
  { key, signature }: { key: string; signature?: string },
): Promise<WebhookReply> {
  const started = performance.now();
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-xero-signature': signature ?? webhookSignature(body, key),
        'user-agent': 'Xero-Webhooks',
      },
      body,
      signal: AbortSignal.timeout(5000),
    });
    const bytes = await response.arrayBuffer();
    const cookies = response.headers.has('set-cookie');
    return {
      status: response.status,
      milliseconds: performance.now() - started,
      bodyLength: bytes.byteLength,
      cookies,
    };
  } catch {
    return { status: 0, milliseconds: performance.now() - started, bodyLength: 0, cookies: false };
  }
}

/** Signs and sends events in one body, numbered from `first`; `wrong` spoils one character of the signature. */
export function sendWebhook(
  url: string,
  key: string,
  events: readonly WebhookEvent[],
  { first = 1, wrong = false }: { first?: number; wrong?: boolean } = {},
): Promise<WebhookReply> {
  const body = webhookBody(events, { first });
  return postWebhook(url, body, {
    key,
    ...(wrong ? { signature: spoiled(webhookSignature(body, key)) } : {}),
  });
}

/** The same signature but for one character. */
function spoiled(signature: string): string {
  return `${signature.slice(0, 9)}${signature[9] === 'A' ? 'B' : 'A'}${signature.slice(10)}`;
}

/** The intent-to-receive check: empty bodies, some signed wrongly. True when every answer is what Xero requires. */
export async function intentToReceive(
  url: string,
  key: string,
): Promise<{ ok: boolean; replies: WebhookReply[] }> {
  const replies: WebhookReply[] = [];
  let ok = true;
  for (const wrong of [false, true, false, true, true]) {
    const reply = await sendWebhook(url, key, [], { first: 0, wrong });
    replies.push(reply);
    ok &&= wrong ? reply.status === 401 : reply.status >= 200 && reply.status < 300;
  }
  return { ok, replies };
}

const MINUTE = 60_000;
/** Waits before each retry: at once, then every 15 minutes with falling frequency, 24 hours in all. */
export const RETRY_WAITS: readonly number[] = [0, 15, 15, 30, 60, 120, 240, 480, 480].map(
  (minutes) => minutes * MINUTE,
);
/** Events raised while a subscription fails are kept for 31 days. */
const KEEP = 31 * 86_400_000;

/** A webhook subscription: delivers in order, retries, gives up after a day, and replays what it kept once healthy again. */
export class WebhookSubscription {
  readonly #clock: Clock;
  readonly #url: string;
  readonly #key: string;
  #kept: { event: WebhookEvent; at: number }[] = [];
  #sequence = 1;
  state: 'required' | 'ok' | 'disabled' = 'required';
  /** Every answer, oldest first. */
  readonly replies: WebhookReply[] = [];

  constructor(clock: Clock, { url, key }: { url: string; key: string }) {
    this.#clock = clock;
    this.#url = url;
    this.#key = key;
  }

  /** Events waiting for the subscription to become healthy. */
  get waiting(): number {
    return this.#kept.length;
  }

  /** Runs the intent-to-receive check; when it passes, replays what was kept, in order. */
  async enable(): Promise<boolean> {
    const { ok, replies } = await intentToReceive(this.#url, this.#key);
    this.replies.push(...replies);
    this.state = ok ? 'ok' : 'required';
    if (ok) await this.#flush();
    return ok;
  }

  /** Raises events. `duplicates` sends the batch that often again, as at-least-once delivery may. */
  async raise(
    events: readonly WebhookEvent[],
    { duplicates = 0 }: { duplicates?: number } = {},
  ): Promise<void> {
    const at = this.#clock.now();
    this.#kept.push(...events.map((event) => ({ event, at })));
    if (this.state === 'ok') await this.#flush(duplicates);
  }

  async #flush(duplicates = 0): Promise<void> {
    const now = this.#clock.now();
    this.#kept = this.#kept.filter((one) => now - one.at <= KEEP);
    if (this.#kept.length === 0) return;
    const batch = this.#kept;
    const body = webhookBody(
      batch.map((one) => one.event),
      { first: this.#sequence },
    );
    for (const wait of RETRY_WAITS) {
      if (wait > 0) await this.#clock.sleep(wait);
      if (!(await this.#post(body))) continue;
      this.#sequence += batch.length;
      this.#kept = this.#kept.slice(batch.length);
      for (let again = 0; again < duplicates; again += 1) await this.#post(body);
      return;
    }
    this.state = 'disabled';
  }

  async #post(body: string): Promise<boolean> {
    const reply = await postWebhook(this.#url, body, { key: this.#key });
    this.replies.push(reply);
    return reply.status >= 200 && reply.status < 300;
  }
}
