// The settings of the push mode with their defaults filled in.
import type { PushMode } from '../spec.ts';

export interface PushSettings {
  readonly name: string;
  readonly id: string | undefined;
  readonly retention: 'None' | 'basicFIFO';
  readonly strategy: 'auto' | 'rewrite' | 'append_versions';
  readonly versionsFrom: number;
  readonly verify: 'off' | 'count' | 'full';
  readonly interval: number;
  readonly calendarStart: string;
  readonly fiscalYearEnd: string;
}

/** The defaults of the spec, for a configuration that was not validated against it. */
export function pushSettings(mode: PushMode): PushSettings {
  return {
    name: mode.dataset_name ?? 'Ledgerpipe',
    id: mode.dataset_id,
    retention: mode.retention ?? 'None',
    strategy: mode.strategy ?? 'auto',
    versionsFrom: mode.versions_from_rows ?? 100_000,
    verify: mode.verify ?? 'off',
    interval: (mode.min_interval_seconds ?? 1) * 1000,
    calendarStart: mode.calendar_start ?? '2012-01-01',
    fiscalYearEnd: mode.fiscal_year_end ?? '12-31',
  };
}
