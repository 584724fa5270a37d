// The webhooks of a source in the sandbox, sent to a runner as the vendor would send them.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import type { Books } from '../books/index.ts';
import {
  type QuickbooksEmulator,
  WebhookSubscription as QuickbooksHook,
} from '../emulators/quickbooks/index.ts';
import {
  webhookEvents,
  type XeroEmulator,
  WebhookSubscription as XeroHook,
} from '../emulators/xero/index.ts';
import type { SourceName } from '../sandbox/pipeline.ts';

export interface EventSender {
  /** What the vendor asks of a receiver before it sends anything; false: the receiver failed. */
  enable(): Promise<boolean>;
  /** Sends what changed in the books since the last call. Gives the answer's milliseconds, and the sales invoices. */
  send(): Promise<{ readonly milliseconds: number; readonly invoices: readonly string[] }>;
}

/** Secrets of the demo, under the names that ledgerpipe.yaml has for them. */
export const webhookKeys: { readonly [Name in SourceName]: Readonly<Record<string, string>> } = {
  xero: { key: 'demo-webhook-signing-key' },
  quickbooks: { verifier_token: 'demo-verifier-token' },
};

export function eventSender(
  sandbox: {
    readonly books: readonly Books[];
    readonly xero?: XeroEmulator;
    readonly quickbooks?: QuickbooksEmulator;
  },
  /** Address of the runner. */
  url: string,
): EventSender {
  const { books, quickbooks } = sandbox;
  return quickbooks ? quickbooksSender(quickbooks, url) : xeroSender(books, url);
}

function quickbooksSender(quickbooks: QuickbooksEmulator, url: string): EventSender {
  const verifierToken = webhookKeys.quickbooks.verifier_token ?? '';
  const hook = new QuickbooksHook(systemClock, {
    url: `${url}/webhooks/quickbooks`,
    verifierToken,
    attempts: 1,
  });
  quickbooks.takeEvents();
  return {
    enable: async () => true,
    async send() {
      const events = quickbooks.takeEvents();
      await hook.raise(events);
      const invoices = events.filter(({ entity }) => entity === 'Invoice').map(({ id }) => id);
      return { milliseconds: hook.replies.at(-1)?.milliseconds ?? Number.NaN, invoices };
    },
  };
}

function xeroSender(books: readonly Books[], url: string): EventSender {
  const hook = new XeroHook(systemClock, { url: `${url}/webhooks/xero`, key: webhookKeys.xero.key ?? '' });
  const sent = new Map(books.map((one) => [one, one.changes.length]));
  return {
    enable: () => hook.enable(),
    async send() {
      const events = books.flatMap((one) => webhookEvents(one, one.changes.slice(sent.get(one))));
      for (const one of books) sent.set(one, one.changes.length);
      await hook.raise(events);
      const invoices = events
        .filter(({ eventCategory }) => eventCategory === 'INVOICE')
        .map(({ resourceId }) => resourceId);
      return { milliseconds: hook.replies.at(-1)?.milliseconds ?? Number.NaN, invoices };
    },
  };
}
