// One file of views for each stream: its table, and those of its lists.

import { dimensionOf, isDeleted, primaryKey, synced } from './dimensions.ts';
import { lineFigures } from './document-lines.ts';
import { entryFigures } from './entries.ts';
import { headerFigures } from './headers.ts';
import { apart, block, code, type Lines, labelOf, text } from './lookml.ts';
import { columnMeasures, count } from './measures.ts';
import { parentOf, scopesOf } from './money.ts';
import { type Model, type Part, partOf } from './parts.ts';
import type { View } from './shapes.ts';
import { trackingFields } from './tracking.ts';

/** The LookML of a view. */
export function viewLookml(view: View, model: Model): Lines {
  const options = { dialect: model.dialect, fiscal: model.fiscalMonthOffset !== 0 };
  const money = {
    dialect: model.dialect,
    views: model.views,
    ...(model.ledger ? { ledger: model.ledger } : {}),
  };
  const scopes = scopesOf(view, money);
  const part = partOf(view, model);
  const hidden = hiddenColumns(view);
  const perValue = part?.kind === 'entries' ? part.recipe.scopes : undefined;
  return block('view', view.name, [
    text('label', labelOf(view.name)),
    code('sql_table_name', view.source),
    [
      '',
      ...apart([
        primaryKey(view, options),
        ...view.fields.map((field) => dimensionOf(field, hidden.has(field.column.name), options)),
        ...trackingFields(view, { categories: model.tracking, dialect: model.dialect }),
        isDeleted(view),
        synced(view),
        ...scopes.fields,
        ...figures(view, part, { ...money, scopes, model }),
        count(view),
        ...columnMeasures(view, { scopes, ...(perValue ? { perValue } : {}) }),
      ]),
    ],
  ]);
}

type FigureOptions = Parameters<typeof headerFigures>[2] & { readonly model: Model };

function figures(view: View, part: Part | undefined, options: FigureOptions): readonly Lines[] {
  switch (part?.kind) {
    case 'header':
      return headerFigures(view, part.recipe, options);
    case 'lines':
      return lineFigures(view, part.recipe, { ...options, header: part.header });
    case 'entries':
      return entryFigures(view, part.recipe, { ...options, parent: parentOf(view, options) });
    default:
      return [];
  }
}

/** Keys of this and of other tables, and JSON: for joins and other fields, not for people. */
function hiddenColumns({ plan, fields }: View): ReadonlySet<string> {
  const keys = plan.references.flatMap(({ columns }) => columns);
  // A code or a currency is worth reading even where it is a key.
  const readable = new Set(
    fields.filter(({ column }) => column.role !== undefined).map(({ column }) => column.name),
  );
  const json = fields.filter(({ column }) => column.type.kind === 'json').map(({ column }) => column.name);
  const ids = fields
    .filter(
      ({ column }) =>
        column.role === undefined &&
        /(^|_|[a-z])(id|ids)$/i.test(column.name) &&
        /ID$|Id$|_id$|^id$/.test(column.name),
    )
    .map(({ column }) => column.name);
  return new Set([...plan.keys, ...keys, ...json, ...ids].filter((name) => !readable.has(name)));
}
