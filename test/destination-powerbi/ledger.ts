// A small ledger that changes: contacts, invoices with lines, payments; what it sends, and what it adds up to.
import {
  type ConfiguredCatalog,
  type Message,
  recordMessage,
  stateMessage,
  streamStatusMessage,
} from '@airbyte/cdk-typescript-shim';

const text = { type: ['null', 'string'] };
const money = { type: ['null', 'number'], 'x-role': 'amount' };
const day = (role: string) => ({ type: ['null', 'string'], format: 'date', 'x-role': role });
const key = { type: 'string' };

const schemas = {
  contacts: { TenantID: key, ContactID: key, Name: { ...text, 'x-role': 'label' } },
  invoices: {
    TenantID: key,
    InvoiceID: key,
    Contact: {
      type: ['null', 'object'],
      properties: { ContactID: { ...text, 'x-references': 'contacts' }, Name: text },
    },
    Date: day('date'),
    DueDate: day('due'),
    Status: { ...text, 'x-role': 'status' },
    SubTotal: money,
    Total: money,
    AmountDue: money,
    LineItems: {
      type: ['null', 'array'],
      items: { type: 'object', properties: { Description: text, LineAmount: money } },
    },
    UpdatedDateUTC: { type: ['null', 'string'], format: 'date-time', 'x-role': 'updated' },
  },
  payments: { TenantID: key, PaymentID: key, Date: day('date'), Amount: money },
};

type Stream = keyof typeof schemas;
const keyOf = { contacts: 'ContactID', invoices: 'InvoiceID', payments: 'PaymentID' } as const;

export const catalog = (
  streams: readonly Stream[] = ['contacts', 'invoices', 'payments'],
): ConfiguredCatalog => ({
  streams: streams.map((name) => ({
    stream: {
      name,
      json_schema: { type: 'object', properties: schemas[name] },
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_primary_key: [['TenantID'], [keyOf[name]]],
      ...(name === 'invoices' ? { default_cursor_field: ['UpdatedDateUTC'] } : {}),
    },
    sync_mode: 'incremental',
    destination_sync_mode: name === 'payments' ? 'append' : 'append_dedup',
  })),
});

interface Invoice {
  readonly id: number;
  readonly contact: number;
  /** Cents of each line. */
  readonly lines: readonly number[];
  readonly paid: number;
  readonly version: number;
}

/** Numbers in [0, 1), the same on every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

const total = ({ lines }: Invoice): number => lines.reduce((sum, line) => sum + line, 0);
const tenant = { TenantID: 't1' };

export class Ledger {
  readonly #random: () => number;
  readonly #invoices = new Map<number, Invoice>();
  /** Keys of the invoices, to draw from. */
  readonly #ids: number[] = [];
  #contacts = 0;
  #made = 0;
  #payments = 0;
  #paid = 0;
  #version = 0;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  /** So many edits; the messages that tell of them, with states. */
  edit(edits: number): Message[] {
    const messages: Message[] = [];
    this.#version += 1;
    for (let made = 0; made < edits; made += 1) messages.push(...this.#one());
    for (const stream of ['contacts', 'invoices', 'payments'] as const)
      messages.push(
        stateMessage(stream, { version: this.#version }, 0),
        streamStatusMessage(stream, 'COMPLETE', 1),
      );
    return messages;
  }

  /** Figures in cents, and counts. */
  totals() {
    const all = [...this.#invoices.values()];
    return {
      outstanding: all.reduce((sum, invoice) => sum + total(invoice) - invoice.paid, 0),
      revenue: all.reduce((sum, invoice) => sum + total(invoice), 0),
      invoices: all.length,
      lines: all.reduce((sum, { lines }) => sum + lines.length, 0),
      lineAmount: all.reduce((sum, invoice) => sum + total(invoice), 0),
      contacts: this.#contacts,
      payments: this.#payments,
      paid: this.#paid,
    };
  }

  #one(): Message[] {
    const dice = this.#random();
    if (this.#contacts === 0 || dice < 0.1) {
      this.#contacts += 1;
      return [this.#contact(this.#contacts)];
    }
    if (dice < 0.15) return [this.#contact(1 + Math.floor(this.#random() * this.#contacts))];
    if (this.#ids.length === 0 || dice < 0.55) {
      this.#made += 1;
      this.#ids.push(this.#made);
      return [this.#invoice(this.#draw(this.#made))];
    }
    const place = Math.floor(this.#random() * this.#ids.length);
    const invoice = this.#invoices.get(this.#ids[place] ?? 0);
    if (!invoice) return [];
    if (dice < 0.75) return [this.#invoice(this.#draw(invoice.id))];
    if (dice < 0.85) return this.#pay(invoice);
    this.#invoices.delete(invoice.id);
    this.#ids[place] = this.#ids.at(-1) ?? 0;
    this.#ids.pop();
    const gone = { InvoiceID: `i${invoice.id}`, _ab_cdc_deleted_at: this.#at() };
    return [recordMessage('invoices', { ...tenant, ...gone }, 1)];
  }

  #draw(id: number): Invoice {
    const lines = Array.from({ length: 1 + Math.floor(this.#random() * 4) }, () =>
      Math.floor(this.#random() * 1e6),
    );
    return {
      id,
      contact: 1 + Math.floor(this.#random() * this.#contacts),
      lines,
      paid: 0,
      version: this.#version,
    };
  }

  #contact(id: number): Message {
    const name = `Contact ${id} of version ${this.#version} ${Math.floor(this.#random() * 1e6)}`;
    return recordMessage('contacts', { ...tenant, ContactID: `c${id}`, Name: name }, 1);
  }

  #invoice(invoice: Invoice): Message {
    this.#invoices.set(invoice.id, invoice);
    const cents = (value: number): number => value / 100;
    return recordMessage(
      'invoices',
      {
        ...tenant,
        InvoiceID: `i${invoice.id}`,
        Contact: { ContactID: `c${invoice.contact}`, Name: 'x' },
        Date: '2026-08-01',
        DueDate: '2026-09-01',
        Status: 'AUTHORISED',
        SubTotal: cents(total(invoice)),
        Total: cents(total(invoice)),
        AmountDue: cents(total(invoice) - invoice.paid),
        LineItems: invoice.lines.map((line, place) => ({
          Description: `Line ${place}`,
          LineAmount: cents(line),
        })),
        UpdatedDateUTC: this.#at(),
      },
      1,
    );
  }

  #pay(invoice: Invoice): Message[] {
    const amount = Math.floor((total(invoice) - invoice.paid) / 2);
    this.#payments += 1;
    this.#paid += amount;
    const payment = { PaymentID: `p${this.#payments}`, Date: '2026-08-15', Amount: amount / 100 };
    return [
      this.#invoice({ ...invoice, paid: invoice.paid + amount }),
      recordMessage('payments', { ...tenant, ...payment }, 1),
    ];
  }

  #at = (): string => new Date(Date.UTC(2026, 7, 1) + this.#version * 1000).toISOString();
}
