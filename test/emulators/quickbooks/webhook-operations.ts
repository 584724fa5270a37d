// What a change of a row is called in the event it raises.
import type { Operation } from './entities.ts';
import { Party } from './parties.ts';
import type { Row } from './shelf.ts';
import type { QuickbooksSwitches } from './switches.ts';

/** The operation of a change from `row` as it is to what it will be. */
export function operationOf(
  { record, active }: Row,
  next: { readonly shown: boolean; readonly active: boolean },
  { deactivationEvent }: QuickbooksSwitches,
): Operation {
  if (!next.shown) return 'Delete';
  if (active && !next.active)
    return record instanceof Party && record.contact.mergedInto ? 'Merge' : deactivationEvent;
  return 'status' in record && record.status === 'voided' ? 'Void' : 'Update';
}
