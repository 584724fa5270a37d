// What the tests of the Power BI emulator share: a tenant, its tokens, and the calls a connector makes.
import { type FastClock, fastClock } from '../emulators/clock.ts';
import { type PowerBiEmulator, type PowerBiOptions, startPowerBi } from '../emulators/powerbi/index.ts';

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

type Item = Readonly<Record<string, unknown>>;

/** Fields of all the answers that tests look into; each answer has a few of them. */
export interface Body {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly errorCode: string;
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly value: readonly Item[];
  readonly data: readonly Item[];
  readonly paths: readonly Item[];
  readonly error: {
    readonly code: string;
    readonly message?: string;
    readonly details?: readonly { readonly message: string; readonly target: string }[];
    readonly 'pbi.error'?: {
      readonly code: string;
      readonly details: readonly { readonly code: string; readonly detail: { readonly value: string } }[];
    };
  };
  readonly results: readonly {
    readonly tables: readonly {
      readonly rows: readonly Item[];
      readonly error?: { readonly code: string };
    }[];
  }[];
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface OpenTenant {
  readonly emulator: PowerBiEmulator;
  readonly clock: FastClock;
  /** A token call with some fields of the form changed; undefined takes one away. */
  token(changes?: Record<string, string | undefined>, tenant?: string): Promise<Called>;
  /** A call below /v1.0/myorg with a fresh enough token. */
  call(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** The same below the workspace. */
  inWorkspace(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** Creates a dataset and answers its id. */
  create(dataset: object, query?: string): Promise<string>;
  post(dataset: string, table: string, rows: readonly object[], sequence?: number): Promise<Called>;
  /** A call of the Fabric API, below /v1. */
  fabric(method: string, path: string, body?: unknown): Promise<Called>;
  /** A call of OneLake, below the workspace. */
  oneLake(
    method: string,
    path: string,
    options?: { body?: Buffer; headers?: Record<string, string> },
  ): Promise<Called>;
}

export async function openTenant(
  options: Partial<PowerBiOptions> & { start?: number; renewAfter?: number } = {},
): Promise<OpenTenant> {
  const { start = Date.UTC(2026, 0, 31, 12), renewAfter = 1_800_000, ...rest } = options;
  const clock = fastClock({ start });
  const emulator = await startPowerBi({ clock, ...rest });
  const token: OpenTenant['token'] = (changes = {}, tenant = emulator.tenantId) => {
    const fields = {
      grant_type: 'client_credentials',
      client_id: emulator.clientId,
      client_secret: emulator.clientSecret,
      scope: 'https://analysis.windows.net/powerbi/api/.default',
      ...changes,
    };
    const form = new URLSearchParams();
    for (const [key, value] of Object.entries(fields)) if (value !== undefined) form.set(key, value);
    const url = `${emulator.endpoints.login}/${tenant}/oauth2/v2.0/token`;
    return called(fetch(url, { method: 'POST', body: form }));
  };
  const bearers = new Map<string, { readonly token: string; readonly at: number }>();
  const bearer = async (scope: string): Promise<string> => {
    const known = bearers.get(scope);
    if (known && clock.now() - known.at < renewAfter) return `Bearer ${known.token}`;
    const fresh = String((await token({ scope: `${scope}/.default` })).body.access_token);
    bearers.set(scope, { token: fresh, at: clock.now() });
    return `Bearer ${fresh}`;
  };
  const call: OpenTenant['call'] = async (method, path, { body, headers = {} } = {}) => {
    const authorization = await bearer('https://analysis.windows.net/powerbi/api');
    return called(
      fetch(`${emulator.endpoints.powerBi}/v1.0/myorg${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
  };
  const inWorkspace: OpenTenant['inWorkspace'] = (method, path, more) =>
    call(method, `/groups/${emulator.workspaceId}${path}`, more);
  return {
    emulator,
    clock,
    token,
    call,
    inWorkspace,
    create: async (dataset, query = '') => {
      const { status, body, text } = await inWorkspace('POST', `/datasets${query}`, { body: dataset });
      if (status > 202) throw new Error(`Create answered ${status}: ${text}`);
      return String(body.id);
    },
    post: (dataset, table, rows, sequence) =>
      inWorkspace('POST', `/datasets/${dataset}/tables/${encodeURIComponent(table)}/rows`, {
        body: { rows },
        headers: sequence === undefined ? {} : { 'X-PowerBI-PushData-SequenceNumber': String(sequence) },
      }),
    fabric: async (method, path, body) =>
      called(
        fetch(`${emulator.endpoints.fabric}/v1${path}`, {
          method,
          headers: { authorization: await bearer('https://api.fabric.microsoft.com') },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    oneLake: async (method, path, { body, headers = {} } = {}) =>
      called(
        fetch(`${emulator.endpoints.oneLake}/${emulator.workspaceId}${path}`, {
          method,
          headers: { authorization: await bearer('https://storage.azure.com'), ...headers },
          ...(body === undefined ? {} : { body }),
        }),
      ),
  };
}

async function called(response: Promise<Response>): Promise<Called> {
  const { status, headers, text } = await response.then(async (one) => ({
    status: one.status,
    headers: one.headers,
    // By hand: text() would swallow the byte order mark.
    text: Buffer.from(await one.arrayBuffer()).toString(),
  }));
  const plain = text.replace(/^\ufeff/, '');
  return { status, headers, text, body: parsed(plain) as Body };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A small ledger: invoices with lines, contacts, a calendar, and measures as a connector would make them. */
export const ledger = {
  name: 'Ledger',
  defaultMode: 'Push',
  tables: [
    {
      name: 'Contacts',
      columns: [
        { name: 'ContactID', dataType: 'String', isHidden: true, summarizeBy: 'none' },
        { name: 'Name', dataType: 'String' },
      ],
    },
    {
      name: 'Calendar',
      columns: [
        { name: 'Day', dataType: 'Datetime', formatString: 'yyyy-mm-dd' },
        { name: 'Year', dataType: 'Int64' },
        { name: 'MonthNo', dataType: 'Int64' },
        { name: 'Month', dataType: 'String', sortByColumn: 'MonthNo' },
      ],
    },
    {
      name: 'Invoices',
      columns: [
        { name: 'InvoiceID', dataType: 'String' },
        { name: 'ContactID', dataType: 'String' },
        { name: 'Day', dataType: 'Datetime' },
        { name: 'DueDate', dataType: 'Datetime' },
        { name: 'Type', dataType: 'String' },
        { name: 'Status', dataType: 'String' },
        { name: 'SubTotal', dataType: 'Decimal', formatString: '#,0.00' },
        { name: 'AmountDue', dataType: 'Decimal' },
      ],
      measures: [
        { name: 'Invoice Count', expression: "COUNTROWS('Invoices')" },
        {
          name: 'Revenue',
          expression:
            'CALCULATE(SUM(\'Invoices\'[SubTotal]), \'Invoices\'[Type] = "ACCREC", \'Invoices\'[Status] IN {"AUTHORISED", "PAID"})',
        },
        {
          name: 'Revenue YTD',
          expression: "TOTALYTD([Revenue], 'Calendar'[Day])",
        },
      ],
    },
    {
      name: 'Lines',
      columns: [
        { name: 'InvoiceID', dataType: 'String' },
        { name: 'Quantity', dataType: 'Double' },
        { name: 'Amount', dataType: 'Decimal' },
      ],
    },
  ],
  relationships: [
    {
      name: 'Invoices to contacts',
      fromTable: 'Invoices',
      fromColumn: 'ContactID',
      toTable: 'Contacts',
      toColumn: 'ContactID',
    },
    {
      name: 'Invoices to calendar',
      fromTable: 'Invoices',
      fromColumn: 'Day',
      toTable: 'Calendar',
      toColumn: 'Day',
    },
    {
      name: 'Lines to invoices',
      fromTable: 'Lines',
      fromColumn: 'InvoiceID',
      toTable: 'Invoices',
      toColumn: 'InvoiceID',
    },
  ],
};
