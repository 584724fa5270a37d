// The tracking categories of the organisations, as the deployed model tells them: names are data, not schema.
import type { TrackingCategory } from '../model/index.ts';
import { exploresOf, fieldAt, type Model, named } from '../model/index.ts';
import { askIfThere } from './query.ts';
import type { Publication } from './steps.ts';

/** Undefined while there is no model to ask; empty for ledgers without tracking categories. */
export async function readCategories(
  publication: Publication,
  model: Model,
): Promise<readonly TrackingCategory[] | undefined> {
  const explore = exploresOf(model).find(
    ({ base }) => base.plan.parent === undefined && base.plan.declaration.name === 'tracking_categories',
  );
  const id = explore && fieldAt(explore.base, 'TrackingCategoryID');
  const name = explore && fieldAt(explore.base, 'Name');
  if (!explore || !id || !name) return [];
  const fields = [named(explore.base, id), named(explore.base, name)] as const;
  const rows = await askIfThere(publication, {
    explore: explore.name,
    fields,
    filters: { [named(explore.base, 'is_deleted')]: 'No' },
    sorts: [fields[0]],
    limit: '5000',
    purpose: 'read the names of tracking categories through Looker',
  });
  return rows?.flatMap((row) => {
    const [key, label] = [row[fields[0]], row[fields[1]]];
    return typeof key === 'string' && typeof label === 'string' ? [{ id: key, name: label }] : [];
  });
}
