// A dimension for each tracking category: lines carry their options as a JSON array.
import type { Dialect } from './dialect.ts';
import { hashOf, identifier } from './identifiers.ts';
import { block, code, type Lines, text, word } from './lookml.ts';
import type { View } from './shapes.ts';

/** A category as the organisation has it; several organisations may have one of the same name. */
export interface TrackingCategory {
  readonly id: string;
  readonly name: string;
}

/** Categories of one name, whatever organisation they belong to. */
export interface TrackingDimension {
  /** `tracking_region`: made from the name alone, so that other categories cannot change it. */
  readonly name: string;
  readonly label: string;
  readonly ids: readonly string[];
}

/**
 * One dimension for each name, without regard to case and blanks, sorted by name. A name that an identifier cannot
 * tell whole carries a hash of it.
 */
export function trackingDimensions(categories: readonly TrackingCategory[]): readonly TrackingDimension[] {
  const groups = new Map<string, TrackingCategory[]>();
  for (const category of categories) {
    const folded = category.name
      .normalize('NFC')
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/gu, ' ');
    groups.set(folded, [...(groups.get(folded) ?? []), category]);
  }
  return [...groups]
    .sort(([one], [other]) => compare(one, other))
    .map(([folded, members]) => {
      const [first] = [...members].sort((one, other) => compare(one.name, other.name));
      return {
        name: nameOf(folded),
        label: first?.name.trim() || 'Tracking',
        ids: [...new Set(members.map(({ id }) => id))].sort(compare),
      };
    });
}

function nameOf(folded: string): string {
  const words = folded.replaceAll(' ', '_');
  return /^[a-z0-9]+(_[a-z0-9]+)*$/.test(words) && words.length <= 60
    ? `tracking_${words}`
    : `tracking_${identifier(folded)
        .slice(0, 40)
        .replace(/_[0-9a-f]{6}$|_+$/, '')}_${hashOf(folded)}`;
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Columns that hold the tracking of a row. */
const trackingColumn = /^(tracking|trackingcategories)$/i;

/** The dimensions of a view whose rows carry tracking, and none for others. */
export function trackingFields(
  view: View,
  { categories, dialect }: { categories: readonly TrackingDimension[]; dialect: Dialect },
): readonly Lines[] {
  const field = view.fields.find(
    ({ column }) => column.type.kind === 'json' && trackingColumn.test(column.path.join('.')),
  );
  if (!field) return [];
  return categories.map((category) =>
    block('dimension', category.name, [
      text('group_label', 'Tracking'),
      text('label', category.label),
      text('description', `Option of the tracking category "${category.label}"`),
      word('type', 'string'),
      code(
        'sql',
        dialect.jsonPick(field.sql, { pick: 'Option', where: 'TrackingCategoryID', values: category.ids }),
      ),
    ]),
  );
}

/** Whether rows of the view carry tracking. */
export const isTracked = (view: View): boolean =>
  view.fields.some(({ column }) => column.type.kind === 'json' && trackingColumn.test(column.path.join('.')));
