// The schemas of the streams promise what the official document declares: fields by their names, and their kinds.
import { isObject, type JsonSchema, valueTypes } from '@airbyte/cdk-typescript-shim';
import { expect } from 'vitest';
import { extras } from '../../source-xero/schemas/parts.ts';
import { type Stream, streams } from '../../source-xero/streams.ts';
import { type Document, lookUp, matching, operationsOf, type Pointer, readDocument } from './openapi.ts';
import { contractTest } from './specs.ts';

type Declared = Readonly<Record<string, unknown>>;

const records: readonly Stream[] = streams.filter(({ how }) => how.by !== 'report');

function resolved(schema: unknown, document: Document): Declared {
  if (!isObject(schema)) return {};
  return typeof schema.$ref === 'string'
    ? resolved(lookUp(document, schema.$ref as Pointer), document)
    : schema;
}

/** The declared schema of a stream's records: what the list in the answer holds. */
function declaredRecord({ path, list, part }: Stream, document: Document): Declared {
  const [match] = matching(operationsOf(document), { method: 'GET', path: `/${path}` });
  if (!match?.operation.answer) throw new Error(`The document has no list at "${path}"`);
  const answer = resolved(lookUp(document, match.operation.answer), document);
  const record = itemsOf(fieldOf(answer, list ?? path, document), document);
  return part && 'each' in part ? itemsOf(fieldOf(record, part.each, document), document) : record;
}

const fieldOf = ({ properties }: Declared, name: string, document: Document): Declared =>
  resolved(isObject(properties) ? properties[name] : undefined, document);

const itemsOf = ({ items }: Declared, document: Document): Declared => resolved(items, document);

function kindOf(declared: Declared): string {
  if (declared['x-is-msdate']) return 'date';
  if (declared['x-is-msdate-time']) return 'date-time';
  return isObject(declared.properties) ? 'object' : String(declared.type);
}

const ownKind = (schema: JsonSchema): string => schema.format ?? String(valueTypes(schema)[0]);

interface Unlike {
  /** The field of ours: budgets.BudgetLines.BudgetBalances.Period */
  readonly place: string;
  /** What the document says it is; undefined where it says nothing. */
  readonly declared: string | undefined;
  readonly promised: string;
}

/** Fields of ours that the document does not declare, or declares to be something else. */
function* unlike(
  own: JsonSchema,
  declared: Declared,
  { document, place }: { document: Document; place: string },
): Generator<Unlike> {
  for (const [name, property] of Object.entries(own.properties ?? {})) {
    const at = { document, place: `${place}.${name}` };
    const theirs = fieldOf(declared, name, document);
    const [kind, promised] = [kindOf(theirs), ownKind(property)];
    if (Object.keys(theirs).length === 0) yield { place: at.place, declared: undefined, promised };
    else if (kind !== promised) yield { place: at.place, declared: kind, promised };
    else if (kind === 'object') yield* unlike(property, theirs, at);
    else if (kind === 'array' && isObject(property.items))
      yield* unlike(property.items as JsonSchema, itemsOf(theirs, document), at);
  }
}

function allUnlike(): readonly Unlike[] {
  const document = readDocument('xero_accounting.yaml');
  return records.flatMap((stream) => [
    ...unlike(stream.schema, declaredRecord(stream, document), { document, place: stream.name }),
  ]);
}

contractTest('every declared field has the kind that its stream promises', () => {
  expect(allUnlike().filter(({ declared }) => declared !== undefined)).toEqual([
    // Marked as a date, but a month: 2019-08 in the example.
    { place: 'budgets.BudgetLines.BudgetBalances.Period', declared: 'date', promised: 'string' },
  ]);
});

/** Promised without being declared in version 16.1.0, and where each comes from. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'tracking_options.TrackingCategoryName': 'ours: the name of the category around it',
  'repeating_invoices.CurrencyRate': 'ours: all documents have the same totals',
  'budgets.Status': 'the official example',
  'purchase_orders.IsDiscounted': 'the official example',
  'purchase_orders.Type': 'the official example',
  'accounts.CreatedDateUTC': 'version 20.0.0 of the document',
  'items.QuantityAvailable': 'the official client, version 20',
  'items.QuantityOnBackOrder': 'the official client, version 20',
  'invoices.RoundingAmount': 'the official client, version 20',
  'invoices.EnteredTotal': 'the official client, version 20',
  'bills.RoundingAmount': 'the official client, version 20',
  'bills.EnteredTotal': 'the official client, version 20',
  'invoices.InvoicePaymentServices': 'github.com/airbytehq/airbyte/issues/24563',
  'bills.InvoicePaymentServices': 'github.com/airbytehq/airbyte/issues/24563',
  'bank_transactions.ExternalLinkProviderName': 'github.com/airbytehq/airbyte/issues/24563',
};

/** What every record has of ours, and what Xero may add to any. */
const EVERYWHERE = ['TenantID', '_ab_cdc_deleted_at', ...Object.keys(extras)];

contractTest('no stream promises a field that is neither declared nor known from elsewhere', () => {
  const undeclared = allUnlike().filter(({ declared }) => declared === undefined);
  const places = undeclared
    .map(({ place }) => place)
    .filter((place) => !EVERYWHERE.some((name) => /^\w+\.(.+)$/.exec(place)?.[1] === name));
  expect(places.sort()).toEqual(Object.keys(ELSEWHERE).sort());
});
