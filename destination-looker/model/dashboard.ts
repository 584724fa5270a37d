// The finance dashboard as LookML (YAML): tiles in rows of 24 columns, and filters they listen to.
import { createHash } from 'node:crypto';
import type { Explore } from './explores.ts';
import type { Lines } from './lookml.ts';
import { currencyOf } from './money.ts';
import type { Model } from './parts.ts';
import { fieldAt, named } from './shapes.ts';
import { type Documents, isDocuments, partyName, type Tile, tilesOf, trackingOf } from './tiles.ts';
import { type Value, yamlLines } from './yaml.ts';

/** A filter, and the field it sets in each explore. */
interface Filter {
  readonly name: string;
  readonly type: 'field_filter' | 'date_filter';
  readonly fields: ReadonlyMap<string, string>;
}

/** Found again by it when it is imported as a user-defined dashboard: 22 letters and digits. */
export const slugOf = (model: string, dashboard: string): string =>
  createHash('sha256').update(`${model}::${dashboard}`).digest('hex').slice(0, 22);

/** Lines of the dashboard; undefined when no stream answers any of its questions. */
export function dashboardYaml(model: Model, explores: readonly Explore[]): Lines | undefined {
  const tiles = tilesOf(model, explores);
  if (tiles.length === 0) return undefined;
  const filters = filtersOf(model, [...new Set(tiles.map(({ explore }) => explore))]);
  return yamlLines([
    {
      dashboard: 'finance',
      title: `${model.label}: finance`,
      description: 'What is owed, what was earned and spent, and what is in the bank',
      preferred_slug: slugOf(model.name, 'finance'),
      layout: 'newspaper',
      filters: filters.map((filter) => filterYaml(filter, model)),
      elements: placed(tiles).map(({ tile, row, col }) => tileYaml(tile, { row, col, model, filters })),
    },
  ]);
}

function filtersOf(model: Model, explores: readonly Explore[]): readonly Filter[] {
  const documents = explores.filter(isDocuments);
  const filter = (
    name: string,
    of: (explore: Documents) => string | undefined,
    type: Filter['type'] = 'field_filter',
  ): Filter => ({
    name,
    type,
    fields: new Map(
      documents.flatMap((one) => {
        const field = of(one);
        return field === undefined ? [] : [[one.name, field] as const];
      }),
    ),
  });
  const labels = [...new Set(documents.flatMap((one) => trackingOf(one, model).map(({ label }) => label)))];
  const parties = [...new Set(documents.map(({ part }) => part.recipe.party.label))];
  return [
    filter('Organisation', organisationOf),
    filter('Currency', ({ part }) => {
      const currency = currencyOf(part.header);
      return currency && named(part.header, currency);
    }),
    filter(
      'Issued',
      ({ part }) => {
        const issued = fieldAt(part.header, part.recipe.issued);
        return issued && named(part.header, issued);
      },
      'date_filter',
    ),
    ...parties.map((label) =>
      filter(label, (one) => (one.part.recipe.party.label === label ? partyName(one) : undefined)),
    ),
    ...labels.map((label) =>
      filter(label, (one) => trackingOf(one, model).find((tracking) => tracking.label === label)?.field),
    ),
  ].filter(({ fields }) => fields.size > 0);
}

function organisationOf({ base, joins }: Documents): string | undefined {
  const company = joins.find(({ view }) => view.plan.declaration.name === 'organisations')?.view;
  const name = company?.fields.find(({ column }) => column.role === 'label');
  if (company && name) return named(company, name);
  const tenant = base.fields.find(({ column }) => column.name === base.plan.keys[0]);
  return tenant && named(base, tenant);
}

function filterYaml({ name, type, fields }: Filter, model: Model): Value {
  const [first] = fields;
  return {
    name,
    title: name,
    type,
    ...(type === 'date_filter'
      ? { default_value: '', allow_multiple_values: true, required: false }
      : {
          default_value: '',
          allow_multiple_values: true,
          required: false,
          ui_config: { type: 'advanced', display: 'popover' },
          model: model.name,
          explore: first?.[0] ?? '',
          field: first?.[1] ?? '',
        }),
  };
}

function tileYaml(
  { title, explore, type, fields, pivots, sorts, limit, filters = {}, width }: Tile,
  { row, col, model, filters: all }: { row: number; col: number; model: Model; filters: readonly Filter[] },
): Value {
  const listened = all.flatMap(({ name, fields: of }) => {
    const field = of.get(explore.name);
    return field === undefined ? [] : [[name, field] as const];
  });
  const deleted = isDocuments(explore) ? explore.part.header : explore.base;
  return {
    name: title,
    title,
    model: model.name,
    explore: explore.name,
    type,
    fields,
    ...(pivots ? { pivots } : {}),
    ...(sorts ? { sorts } : {}),
    limit: limit ?? 500,
    filters: { ...filters, [named(deleted, 'is_deleted')]: 'No' },
    ...(listened.length > 0 ? { listen: Object.fromEntries(listened) } : {}),
    row,
    col,
    width,
    height: type === 'single_value' ? 3 : 7,
  };
}

/** Left to right, the next row where no room is left. */
function placed(tiles: readonly Tile[]): readonly { tile: Tile; row: number; col: number }[] {
  let row = 0;
  let col = 0;
  let height = 0;
  return tiles.map((tile) => {
    if (col + tile.width > 24) {
      row += height;
      col = 0;
      height = 0;
    }
    const place = { tile, row, col };
    col += tile.width;
    height = Math.max(height, tile.type === 'single_value' ? 3 : 7);
    return place;
  });
}
