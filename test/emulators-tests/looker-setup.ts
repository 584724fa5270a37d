// A Looker instance in front of a PostgreSQL with a small ledger, and a plain client of its API.
import { onTestFinished } from 'vitest';
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { type LookerEmulator, type LookerOptions, startLooker } from '../emulators/looker/index.ts';
import { type Postgres, startPostgres } from '../emulators/postgres/index.ts';

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export interface Setup {
  readonly looker: LookerEmulator;
  readonly postgres: Postgres;
  readonly clock: FastClock;
  login(): Promise<string>;
  /** One call with the latest token. */
  call(method: string, path: string, body?: unknown): Promise<Reply>;
}

export const NOW = Date.UTC(2026, 2, 15, 12);

const TABLES = `
CREATE SCHEMA books;
CREATE TABLE books.contacts (id text PRIMARY KEY, name text);
CREATE TABLE books.invoices (id text PRIMARY KEY, contact_id text, type text, status text, total numeric(18,4),
  issued date, updated_at timestamptz, paid boolean);
CREATE TABLE books.lines (id text PRIMARY KEY, invoice_id text, account text, amount numeric(18,4));
INSERT INTO books.contacts VALUES ('c1', 'Acme'), ('c2', 'Bolt, "Ltd"'), ('c3', NULL);
INSERT INTO books.invoices VALUES
  ('i1', 'c1', 'ACCREC', 'PAID', 100.10, '2026-01-10', '2026-01-10 23:30:00+00', true),
  ('i2', 'c1', 'ACCREC', 'AUTHORISED', 100.10, '2026-02-05', '2026-02-05 10:00:00+00', false),
  ('i3', 'c2', 'ACCREC', 'VOIDED', 50, '2026-02-07', '2026-02-07 10:00:00+00', false),
  ('i4', 'c2', 'ACCPAY', 'PAID', 70.5, '2026-03-01', '2026-03-01 10:00:00+00', true),
  ('i5', 'c3', 'ACCREC', 'AUTHORISED', NULL, '2026-03-14', '2026-03-14 10:00:00+00', NULL);
INSERT INTO books.lines VALUES
  ('l1', 'i1', '200', 60.05), ('l2', 'i1', '200', 40.05), ('l3', 'i2', '200', 100.10), ('l4', 'i3', '260', 50),
  ('l5', 'i4', '400', 70.5);
GRANT USAGE ON SCHEMA books TO looker_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA books TO looker_reader;`;

/** Starts both; they are closed when the test is over. */
export async function setUp(options: Partial<LookerOptions> = {}): Promise<Setup> {
  const clock = fastClock({ start: NOW });
  const postgres = await startPostgres();
  onTestFinished(() => postgres.close());
  const writer = await postgres.client('writer');
  await writer.query(TABLES);
  await writer.end();
  const looker = await startLooker({ clock, postgres, ...options });
  onTestFinished(() => looker.close());
  let token = '';
  const login = async (): Promise<string> => {
    const { clientId, clientSecret } = looker.credentials;
    const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret });
    const answer = await fetch(`${looker.api}/login`, { method: 'POST', body });
    token = ((await answer.json()) as { access_token: string }).access_token;
    return token;
  };
  await login();
  const call = async (method: string, path: string, body?: unknown): Promise<Reply> => {
    const answer = await fetch(`${looker.api}/${path}`, {
      method,
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, text, json: parsed(text) };
  };
  return { looker, postgres, clock, login, call };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The model of the small ledger. */
export const PROJECT = {
  'manifest.lkml': 'project_name: "ledgerpipe"\nconstant: SCHEMA { value: "books" }\n',
  'ledger.model.lkml': `connection: "warehouse"
label: "Ledger"
include: "/views/*.view.lkml"
include: "/dashboards/*.dashboard.lookml"
datagroup: synced { sql_trigger: SELECT count(*) FROM books.lines ;; max_cache_age: "24 hours" }
persist_with: synced
explore: sales_invoices {
  from: invoices
  sql_always_where: \${sales_invoices.type} = 'ACCREC' ;;
  join: contacts { relationship: many_to_one sql_on: \${sales_invoices.contact_id} = \${contacts.id} ;; }
  join: lines { relationship: one_to_many sql_on: \${sales_invoices.id} = \${lines.invoice_id} ;; }
}
explore: invoices {
  always_filter: { filters: [invoices.status: "-VOIDED"] }
  join: contacts { sql_on: \${invoices.contact_id} = \${contacts.id} ;; }
}
`,
  'views/invoices.view.lkml': `view: invoices {
  sql_table_name: "@{SCHEMA}"."invoices" ;;
  dimension: id { primary_key: yes sql: \${TABLE}."id" ;; }
  dimension: contact_id { hidden: yes sql: \${TABLE}."contact_id" ;; }
  dimension: type { sql: \${TABLE}."type" ;; }
  dimension: status { sql: \${TABLE}."status" ;; }
  dimension: amount { type: number hidden: yes sql: \${TABLE}."total" ;; }
  dimension: is_paid { type: yesno sql: \${TABLE}."paid" ;; }
  dimension_group: issued { type: time timeframes: [raw, date, month, quarter, year] datatype: date convert_tz: no sql: \${TABLE}."issued" ;; }
  dimension_group: updated { type: time timeframes: [raw, time, date] sql: \${TABLE}."updated_at" ;; }
  measure: count { type: count drill_fields: [id, status] }
  measure: total { type: sum sql: \${amount} ;; value_format_name: decimal_2 }
  measure: average { type: average sql: \${amount} ;; }
  measure: paid_total { type: sum sql: \${amount} ;; filters: [status: "PAID"] }
  measure: open_total { type: number sql: \${total} - \${paid_total} ;; }
}
`,
  'views/contacts.view.lkml': `view: contacts {
  sql_table_name: books.contacts ;;
  dimension: id { primary_key: yes hidden: yes }
  dimension: name { label: "Customer" }
  measure: count { type: count }
}
`,
  'views/lines.view.lkml': `view: lines {
  sql_table_name: books.lines ;;
  dimension: id { primary_key: yes hidden: yes }
  dimension: invoice_id { hidden: yes }
  dimension: account {}
  dimension: amount { type: number }
  measure: count { type: count }
  measure: net { type: sum sql: \${amount} ;; }
}
`,
  'dashboards/finance.dashboard.lookml': `- dashboard: finance
  title: "Finance"
  preferred_slug: FinanceLedgerpipe01
  layout: newspaper
  filters:
  - name: Customer
    title: Customer
    type: field_filter
    model: ledger
    explore: sales_invoices
    field: contacts.name
  elements:
  - name: revenue
    title: Revenue
    model: ledger
    explore: sales_invoices
    type: looker_grid
    fields: [contacts.name, sales_invoices.total]
    listen: { Customer: contacts.name }
`,
} as const;
