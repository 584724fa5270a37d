// Once a day: what is older than the retention setting is forgotten.
import type { Store } from '../store/contract.ts';
import type { Log } from './log.ts';
import type { Part } from './loop.ts';

const day = 86_400_000;
const retry = 3_600_000;
/** Not while everything else begins. */
const first = 60_000;

export interface UpkeepPorts {
  readonly store: Pick<Store, 'audit'>;
  readonly log: Log;
  readonly retentionDays: number;
  readonly began: number;
}

export function upkeep({ store, log, retentionDays, began }: UpkeepPorts): Part {
  let next = began + first;
  return {
    name: 'retention',
    async run(now) {
      if (now < next) return;
      next = now + retry;
      const rows = await store.audit.prune(now - retentionDays * day);
      next = now + day;
      if (rows > 0) log.info({ rows, days: retentionDays }, 'audit rows forgotten');
    },
  };
}
