// What an answer of QuickBooks looks like, as JSON Schemas: envelopes, records, tombstones, reports, faults in both casings.
import { isObject } from '@airbyte/cdk-typescript-shim';
import ajvModule, { type ValidateFunction } from 'ajv';
import type { LoggedRequest } from '../emulators/emulator.ts';
import { bodyOf } from './bodies.ts';
import type { Finding } from './findings.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const count = { type: 'integer', minimum: 0 };
const open = (properties: Schema, required = Object.keys(properties)): Schema => ({
  ...{ type: 'object', required, properties },
});
const closed = (properties: Schema, required = Object.keys(properties)): Schema => ({
  ...open(properties, required),
  additionalProperties: false,
});
const list = (items: Schema): Schema => ({ type: 'array', items });

/** Seconds in records, milliseconds in envelopes, always US Pacific. */
const stamp = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d-0[78]:00$' };
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}-0[78]:00$' };

const record = open({
  Id: { type: 'string', pattern: '^(\\d+|TAX|NON)$' },
  SyncToken: { type: 'string', pattern: '^\\d+$' },
  MetaData: open({ CreateTime: stamp, LastUpdatedTime: stamp }),
  domain: { const: 'QBO' },
  sparse: { const: false },
});
const tombstone = closed(
  {
    domain: { const: 'QBO' },
    status: { const: 'Deleted' },
    Id: { type: 'string', pattern: '^\\d+$' },
    MetaData: open({ LastUpdatedTime: stamp }),
  },
  ['domain', 'status', 'Id'],
);

/** Only these carry totalCount on a page, as recorded of a live company. */
const COUNTED = ['Bill', 'BillPayment', 'Deposit', 'Invoice', 'JournalEntry', 'PurchaseOrder'];

const page = (rows: Schema, counted: (entity: string) => boolean): Schema => ({
  oneOf: [
    closed({}),
    closed({ totalCount: count }),
    {
      type: 'object',
      required: ['startPosition', 'maxResults'],
      properties: { startPosition: { ...count, minimum: 1 }, maxResults: count, totalCount: count },
      patternProperties: { '^[A-Z]': { type: 'array', items: rows, minItems: 1, maxItems: 1_000 } },
      additionalProperties: false,
      counts: counted,
    },
  ],
});

const wrappedRow = { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: record };
const queryResponse = page({ anyOf: [record, wrappedRow] }, (entity) => COUNTED.includes(entity));
const changes = page({ anyOf: [record, tombstone] }, () => true);
const query = closed({ QueryResponse: queryResponse, time });

const error = (message: string, detail: string): Schema =>
  open({ [message]: text, [detail]: text, code: { type: 'string', pattern: '^\\d+$' } }, [message, 'code']);
const types = { enum: ['ValidationFault', 'SystemFault', 'AuthenticationFault', 'AuthorizationFault'] };
const fault = open({ Error: { ...list(error('Message', 'Detail')), minItems: 1 }, type: types });
const service = open({ Fault: fault, time });
const gateway = open({
  fault: open({
    error: { ...list(error('message', 'detail')), minItems: 1 },
    type: { enum: ['AUTHENTICATION', 'AUTHORIZATION', 'SERVICE'] },
  }),
});

const cells = list(closed({ value: text, id: text, href: text }, ['value']));
const rowsOf = { anyOf: [closed({}), closed({ Row: { type: 'array', items: { $ref: '#/$defs/row' } } })] };
const report: Schema = {
  ...closed({
    Header: open({
      Time: text,
      ReportName: text,
      ReportBasis: { enum: ['Accrual', 'Cash'] },
      EndPeriod: text,
      Currency: { type: 'string', pattern: '^[A-Z]{3}$' },
      Option: list(closed({ Name: text, Value: text })),
    }),
    Columns: closed({
      Column: list(
        closed({ ColTitle: text, ColType: text, MetaData: list(closed({ Name: text, Value: text })) }, [
          'ColTitle',
          'ColType',
        ]),
      ),
    }),
    Rows: rowsOf,
  }),
  $defs: {
    row: {
      oneOf: [
        open({ ColData: cells, type: { const: 'Data' } }),
        open(
          {
            type: { const: 'Section' },
            Header: open({ ColData: cells }),
            Rows: rowsOf,
            Summary: open({ ColData: cells }),
            group: text,
          },
          ['type', 'Header'],
        ),
      ],
    },
  },
};

const BODIES: Readonly<Record<string, Schema>> = {
  company: closed({ CompanyInfo: record, time }),
  query,
  batch: closed({
    BatchItemResponse: list({
      oneOf: [closed({ bId: text, QueryResponse: queryResponse }), closed({ bId: text, Fault: fault })],
    }),
    time,
  }),
  cdc: closed({ CDCResponse: { ...list(closed({ QueryResponse: list(changes) })), maxItems: 1 }, time }),
  report,
  token: closed(
    {
      access_token: text,
      token_type: { const: 'bearer' },
      expires_in: { const: 3600 },
      refresh_token: { type: 'string', pattern: '^RT1-' },
      x_refresh_token_expires_in: { type: 'integer', maximum: 8_726_400 },
      x_refresh_token_hard_expires_in: { type: 'integer', maximum: 157_680_000 },
    },
    ['access_token', 'token_type', 'expires_in', 'refresh_token', 'x_refresh_token_expires_in'],
  ),
  refused: { anyOf: [service, gateway] },
  'refused token': closed({ error: text, error_description: text }, ['error']),
};

const ajv = new ajvModule.default({ strict: false, allErrors: true, verbose: true });
ajv.addKeyword({
  keyword: 'counts',
  validate: (counted: (entity: string) => boolean, data: Record<string, unknown>) => {
    const entity = Object.keys(data).find((name) => /^[A-Z]/.test(name)) ?? '';
    return 'totalCount' in data === counted(entity);
  },
});
const judges = new Map<string, ValidateFunction>(
  Object.entries(BODIES).map(([kind, schema]) => [kind, ajv.compile(schema)]),
);

/** Judges the answer to a request of this kind; an error by the shape of errors. Nothing for a page or a redirect. */
export function judgeAnswer(kind: string, logged: LoggedRequest): readonly Finding[] {
  const { status, answer } = logged;
  const tid = answer?.headers?.intuit_tid ? [] : [{ keyword: 'header intuit_tid', message: 'is missing' }];
  if (kind === 'authorize') return [];
  const refused = status >= 400 ? (kind === 'token' ? 'refused token' : 'refused') : kind;
  const judge = judges.get(refused);
  const body = bodyOf(logged);
  const errors = judge?.(body) ? [] : (judge?.errors ?? []);
  // Of alternatives that all fail, what fails within them says more.
  const telling = errors.filter(({ keyword }) => !/^(any|one)Of$/.test(keyword));
  const wrong = telling.length > 0 ? telling : errors;
  const nulls = hasNull(body) ? [{ keyword: 'null', message: 'absent fields are left out, never null' }] : [];
  return [...wrong, ...tid, ...(refused === kind ? nulls : [])].map((one) => ({
    on: kind,
    place: 'instancePath' in one ? String(one.instancePath) || 'body' : 'answer',
    problem: `${one.keyword} ${one.message ?? ''}`,
    detail: 'data' in one ? (JSON.stringify(one.data) ?? '').slice(0, 120) : String(status),
  }));
}

const hasNull = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) ? value.some(hasNull) : isObject(value) && Object.values(value).some(hasNull));
