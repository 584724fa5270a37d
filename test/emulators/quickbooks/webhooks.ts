// Sends webhooks: signed, in order, retried with Intuit's pauses, later events waiting behind a failing one.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import {
  raises,
  type WebhookEvent,
  type WebhookForm,
  webhookBody,
  webhookSignature,
} from './webhook-events.ts';

export { type WebhookEvent, type WebhookForm, webhookBody, webhookSignature } from './webhook-events.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses before each retry; the last one repeats: developer.intuit.com, webhooks. */
export const RETRY_WAITS: readonly number[] = [
  10 * SECOND,
  20 * SECOND,
  30 * SECOND,
  5 * MINUTE,
  20 * MINUTE,
  2 * HOUR,
  4 * HOUR,
  6 * HOUR,
];

/** How long a receiver may take, ms. */
export const ANSWER_WITHIN = 3000;

/** What the receiver answered: status 0 when it did not in time. */
export interface WebhookReply {
  readonly status: number;
  readonly milliseconds: number;
}

export interface SendOptions {
  readonly verifierToken: string;
  readonly form?: WebhookForm;
  /** Replaces the right signature. */
  readonly signature?: string;
}

/** Signs and posts events in one body. */
export function sendWebhook(
  url: string,
  events: readonly WebhookEvent[],
  options: SendOptions,
): Promise<WebhookReply> {
  const { form = 'cloudevents' } = options;
  return postWebhook(url, webhookBody(events, form), options);
}

/** Posts one raw body. */
export async function postWebhook(
  url: string,
  body: string,
  { verifierToken, form = 'cloudevents', signature }: SendOptions,
): Promise<WebhookReply> {
  const started = performance.now();
  const took = (): number => performance.now() - started;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': form === 'legacy' ? 'application/json' : 'application/cloudevents-batch+json',
        'intuit-signature': signature ?? webhookSignature(body, verifierToken),
        'user-agent': 'intuit_notification_client',
      },
      body,
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    await response.arrayBuffer();
    return { status: response.status, milliseconds: took() };
  } catch {
    return { status: 0, milliseconds: took() };
  }
}

export interface SubscriptionOptions {
  readonly url: string;
  readonly verifierToken: string;
  readonly form?: WebhookForm;
  /** Entities the app listens to; all of them unless given. */
  readonly entities?: readonly string[];
  /** Most attempts per delivery; Intuit goes on for days. */
  readonly attempts?: number;
}

/** The app's one subscription, over all its companies. */
export class WebhookSubscription {
  readonly #clock: Clock;
  readonly #options: SubscriptionOptions;
  readonly #queue: WebhookEvent[][] = [];
  /** Every answer, oldest first. */
  readonly replies: WebhookReply[] = [];

  constructor(clock: Clock, options: SubscriptionOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Deliveries that wait behind one that is not acknowledged. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Raises events in one delivery. `duplicates` sends it that often again; `reversed` puts newer events first. */
  async raise(
    events: readonly WebhookEvent[],
    { duplicates = 0, reversed = false }: { duplicates?: number; reversed?: boolean } = {},
  ): Promise<void> {
    const { entities } = this.#options;
    const wanted = events.filter((event) => raises(event) && (!entities || entities.includes(event.entity)));
    if (wanted.length === 0) return;
    const batch = reversed ? wanted.toReversed() : wanted;
    for (let copy = 0; copy <= duplicates; copy += 1) this.#queue.push(batch);
    await this.flush();
  }

  /** Delivers what waits, in order; stops at the first delivery that is not acknowledged. */
  async flush(): Promise<boolean> {
    for (let batch = this.#queue[0]; batch; batch = this.#queue[0]) {
      if (!(await this.#deliver(batch))) return false;
      this.#queue.shift();
    }
    return true;
  }

  async #deliver(batch: readonly WebhookEvent[]): Promise<boolean> {
    const { url, attempts = RETRY_WAITS.length + 1 } = this.#options;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (attempt > 0) await this.#clock.sleep(RETRY_WAITS[Math.min(attempt, RETRY_WAITS.length) - 1] ?? 0);
      const reply = await sendWebhook(url, batch, this.#options);
      this.replies.push(reply);
      if (reply.status === 200) return true;
    }
    return false;
  }
}
