// What is left of a vendor's quotas, for whoever watches a run: logged now and then, and at its end.
import { logMessage } from '../../messages.ts';
import type { Context } from '../../ports.ts';
import type { Layer } from './http.ts';
import type { LimitRow } from './limit.ts';
import { remainingIn } from './window.ts';

/** Requests that a quota still allows. */
export interface QuotaLeft {
  /** Whose it is; absent for a quota that all tenants share. */
  readonly tenant?: string;
  /** What it is called: `minute`, `day`, `month`. */
  readonly limit: string;
  readonly left: number;
}

export interface QuotaTeller {
  /** Notes the newest word; logs it when nothing was logged of this quota for half a minute. */
  note(quota: QuotaLeft): void;
  /** Logs what was noted and not logged yet. */
  end(): Promise<void>;
}

/** Between two words of one quota, and before the first: a short run tells once, at its end. */
const INTERVAL = 30_000;

/** Each word is a LOG of its own: `{"event":"quota","tenant":ID,"limit":"day","left":4987}`. */
export function quotaTeller({ clock, say }: Pick<Context<unknown>, 'clock' | 'say'>): QuotaTeller {
  const began = clock.now();
  const toldAt = new Map<string, number>();
  const untold = new Map<string, QuotaLeft>();
  const tell = async (key: string, { tenant, limit, left }: QuotaLeft): Promise<void> => {
    untold.delete(key);
    toldAt.set(key, clock.now());
    await say(logMessage('INFO', JSON.stringify({ event: 'quota', tenant, limit, left })));
  };
  return {
    note(quota) {
      const key = JSON.stringify([quota.tenant, quota.limit]);
      untold.set(key, quota);
      if (clock.now() - (toldAt.get(key) ?? began) >= INTERVAL) void tell(key, quota);
    },
    async end() {
      for (const [key, quota] of [...untold]) await tell(key, quota);
    },
  };
}

/** Notes what each answer's headers say of the rows that have one: the lane's own quotas, and those of all lanes. */
export function noteQuotas(rows: readonly LimitRow[], teller: Pick<QuotaTeller, 'note'>): Layer {
  return (next) =>
    async function noted(request) {
      const response = await next(request);
      for (const row of rows) {
        const left = row.kind === 'window' ? remainingIn(response, row.remainingHeader) : undefined;
        if (row.kind !== 'window' || left === undefined) continue;
        if (row.scope === 'all') teller.note({ limit: row.name, left });
        else if (request.lane !== undefined) teller.note({ tenant: request.lane, limit: row.name, left });
      }
      return response;
    };
}
