// What a run costs in API calls, beside what the edition allows in a month (docs/looker-core-edition-types).
import type { Config } from '../spec.ts';

const monthly = {
  standard: { query: 1_000, admin: 1_000 },
  enterprise: { query: 100_000, admin: 10_000 },
  embed: { query: 500_000, admin: 100_000 },
} as const;

/** Calls of one run that loads one delivery: an estimate for people, not a limit. */
export function callsOfRun(config: Config): { readonly query: number; readonly admin: number } {
  const { mode, model, after_commit, schedules } = config;
  // Catalog, one delivery, and the look back; each statement is two calls.
  const statements = mode === 'sql_runner' ? 4 : 0;
  const explores = model && after_commit.read_back === 'looker' ? 6 : 0;
  const deploy = model && model.deploy !== 'none' ? 8 : 0;
  const datagroup = model && after_commit.trigger_datagroup ? 2 : 0;
  return { query: statements * 2 + explores, admin: deploy + explores + datagroup + schedules.length * 2 };
}

export function quotaEstimate(config: Config): string {
  const { query, admin } = callsOfRun(config);
  const cost = `a load costs about ${query} query and ${admin} administrative API calls`;
  const edition = config.looker?.edition ?? 'none';
  if (edition === 'none') return cost;
  const allowed = monthly[edition];
  const runs = Math.min(
    query > 0 ? Math.floor(allowed.query / query) : Number.POSITIVE_INFINITY,
    admin > 0 ? Math.floor(allowed.admin / admin) : Number.POSITIVE_INFINITY,
  );
  const many = Number.isFinite(runs) ? `about ${runs} loads a month` : 'any number of loads';
  return `${cost}: edition "${edition}" allows ${many}`;
}
