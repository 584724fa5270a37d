// The tiles of the finance dashboard: each a question to one explore, made where the streams can answer it.
import { type Explore, joinedStream } from './explores.ts';
import { currencyOf } from './money.ts';
import type { Model, Part } from './parts.ts';
import { type Field, fieldAt, named, type View } from './shapes.ts';
import { isTracked } from './tracking.ts';

export interface Tile {
  readonly title: string;
  readonly explore: Explore;
  readonly type: 'single_value' | 'looker_column' | 'looker_bar' | 'looker_line' | 'looker_grid';
  readonly fields: readonly string[];
  readonly pivots?: readonly string[];
  readonly sorts?: readonly string[];
  readonly limit?: number;
  readonly filters?: Readonly<Record<string, string>>;
  /** Columns of the 24 it takes. */
  readonly width: 6 | 8 | 12 | 24;
}

/** An explore over documents. */
export interface Documents extends Explore {
  readonly part: Part & { readonly kind: 'lines' };
}

export const isDocuments = (explore: Explore): explore is Documents => explore.part?.kind === 'lines';

export function tilesOf(model: Model, explores: readonly Explore[]): readonly Tile[] {
  const documents = (name: string): Documents[] =>
    explores.filter(isDocuments).filter((explore) => explore.name === name);
  const sales = documents('sales_invoices');
  const bills = documents('purchase_bills');
  return [
    ...sales.flatMap((explore) => total(explore, 'Receivable')),
    ...bills.flatMap((explore) => total(explore, 'Payable')),
    ...sales.flatMap((explore) => ageing(explore, 'Receivables by age')),
    ...bills.flatMap((explore) => ageing(explore, 'Payables by age')),
    ...sales.flatMap((explore) => ageingByAccount(explore, 'Receivables by account and age', model)),
    ...bills.flatMap((explore) => ageingByAccount(explore, 'Payables by account and age', model)),
    ...sales.flatMap(byParty),
    ...sales.flatMap(byMonth),
    ...bills.flatMap((explore) => byTracking(explore, model)),
    ...explores.filter(({ name }) => name === 'bank').flatMap((explore) => bank(explore, model)),
    ...documents('purchase_orders').flatMap((explore) => ageing(explore, 'Open purchase orders by age')),
  ];
}

const hasOpen = ({ part }: Documents): boolean =>
  part.recipe.open !== undefined && fieldAt(part.header, part.recipe.open.amount) !== undefined;

const hasDue = (explore: Documents): boolean =>
  hasOpen(explore) &&
  explore.part.recipe.due !== undefined &&
  fieldAt(explore.part.header, explore.part.recipe.due) !== undefined;

function total(explore: Documents, title: string): Tile[] {
  if (!hasOpen(explore)) return [];
  const measure = named(explore.part.header, 'outstanding_home');
  return [{ title, explore, type: 'single_value', fields: [measure], width: 12 }];
}

/** Per currency, side by side: amounts of two currencies never stand in one bar. */
function ageing(explore: Documents, title: string): Tile[] {
  const { header } = explore.part;
  const currency = currencyOf(header);
  if (!hasDue(explore) || !currency) return [];
  const bucket = named(header, 'ageing_bucket');
  const pivot = named(header, currency);
  return [
    {
      title,
      explore,
      type: 'looker_column',
      fields: [bucket, pivot, named(header, 'outstanding')],
      pivots: [pivot],
      sorts: [pivot, bucket],
      filters: { [named(header, 'is_open')]: 'Yes' },
      width: 12,
    },
  ];
}

function ageingByAccount(explore: Documents, title: string, model: Model): Tile[] {
  const { header } = explore.part;
  const account = accountName(explore, model);
  if (!hasDue(explore) || !account) return [];
  const bucket = named(header, 'ageing_bucket');
  return [
    {
      title,
      explore,
      type: 'looker_grid',
      fields: [account, bucket, named(explore.base, 'outstanding_share_home')],
      pivots: [bucket],
      sorts: [bucket, account],
      filters: { [named(header, 'is_open')]: 'Yes' },
      width: 12,
    },
  ];
}

function accountName(explore: Explore, { ledger, ...model }: Model): string | undefined {
  const view = ledger && joinedStream(explore, ledger.accounts.stream, { ledger, ...model });
  const field = view && fieldAt(view, ledger.accounts.name);
  return view && field && named(view, field);
}

/** The name of the customer or supplier: in its own table, where that is joined, or on the document. */
export function partyName(explore: Documents): string | undefined {
  const { recipe, header } = explore.part;
  const join = explore.joins.find(({ label }) => label === recipe.party.label);
  const label = join?.view.fields.find(({ column }) => column.role === 'label' && column.path.length === 1);
  if (join && label) return `${join.name}.${label.name}`;
  const own = fieldAt(header, recipe.party.name);
  return own && named(header, own);
}

function byParty(explore: Documents): Tile[] {
  const party = partyName(explore);
  const { recipe } = explore.part;
  const measure = named(explore.base, `${recipe.figure.name}_home`);
  if (!party) return [];
  return [
    {
      title: `${recipe.figure.label} by ${recipe.party.label.toLowerCase()}`,
      explore,
      type: 'looker_bar',
      fields: [party, measure],
      sorts: [`${measure} desc`],
      limit: 20,
      width: 12,
    },
  ];
}

function byMonth(explore: Documents): Tile[] {
  const { recipe, header } = explore.part;
  const issued = fieldAt(header, recipe.issued);
  if (!issued) return [];
  const month = named(header, issued, 'month');
  return [
    {
      title: `${recipe.figure.label} by month`,
      explore,
      type: 'looker_column',
      fields: [month, named(explore.base, `${recipe.figure.name}_home`)],
      sorts: [month],
      width: 12,
    },
  ];
}

export interface TrackingField {
  readonly label: string;
  readonly field: string;
}

/** Dimensions of tracking in an explore over documents: Xero's categories, QuickBooks' class and location. */
export function trackingOf(explore: Documents, model: Model): readonly TrackingField[] {
  const { ledger, tracking } = model;
  const categories = isTracked(explore.base)
    ? tracking.map(({ name, label }) => ({ label, field: named(explore.base, name) }))
    : [];
  const joined = (label: string, place: { stream: string; name: string } | undefined): TrackingField[] => {
    const view: View | undefined = joinedStream(explore, place?.stream, model);
    const field: Field | undefined = view && place && fieldAt(view, place.name);
    return view && field ? [{ label, field: named(view, field) }] : [];
  };
  return [...categories, ...joined('Class', ledger?.classes), ...joined('Location', ledger?.locations)];
}

function byTracking(explore: Documents, model: Model): Tile[] {
  const measure = named(explore.base, `${explore.part.recipe.figure.name}_home`);
  return trackingOf(explore, model).map(({ label, field }) => ({
    title: `${explore.part.recipe.figure.label} by ${label}`,
    explore,
    type: 'looker_bar',
    fields: [field, measure],
    sorts: [`${measure} desc`],
    limit: 50,
    width: 12,
  }));
}

function bank(explore: Explore, model: Model): Tile[] {
  if (explore.part?.kind !== 'entries') return [];
  const currency = currencyOf(explore.base);
  const account =
    explore.base.plan.declaration.name === model.ledger?.accounts.stream
      ? named(explore.base, fieldAt(explore.base, model.ledger.accounts.name) ?? 'pk')
      : accountName(explore, model);
  const figures = explore.part.recipe.figures.filter(({ amount }) => fieldAt(explore.base, amount));
  if (!account || figures.length === 0) return [];
  return [
    {
      title: 'Bank',
      explore,
      type: 'looker_grid',
      fields: [
        account,
        ...(currency ? [named(explore.base, currency)] : []),
        ...figures.map(({ name }) => named(explore.base, name)),
      ],
      sorts: [account],
      width: 24,
    },
  ];
}
