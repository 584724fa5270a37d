// What is to be checked: every configuration once, however many runs share it.
import type { ConnectorSettings, PipelineSettings } from '../settings/index.ts';
import { secretOf } from '../settings/index.ts';

export interface PlannedCheck {
  readonly end: 'source' | 'destination';
  /** Names of the runs that it speaks for, in the order of the file. */
  readonly runs: readonly string[];
  /** As it is written: without what the vault adds. */
  readonly settings: ConnectorSettings;
  /** Name of the secret with its rotations; for sources. */
  readonly secret?: string;
  /** Checks of one lane go one after the other: each may rotate the token that the next one needs. */
  readonly lane: string;
}

/** Tenants that are read with one consent are checked as one. */
export function planChecks(runs: readonly PipelineSettings[]): readonly PlannedCheck[] {
  const planned = new Map<string, PlannedCheck>();
  const add = (key: string, check: PlannedCheck) => {
    const known = planned.get(key);
    planned.set(key, known ? joined(known, check) : check);
  };
  for (const run of runs) {
    const { source, destination, connection, exclusive, name } = run;
    const { tenant_ids: _, ...shared } = source.config;
    add(JSON.stringify(['source', connection, shared]), {
      ...{ end: 'source', runs: [name], settings: source, secret: secretOf(run) },
      lane: exclusive ? `connection ${connection}` : `run ${name}`,
    });
    add(JSON.stringify(['destination', destination]), {
      ...{ end: 'destination', runs: [name], settings: destination, lane: `destination of ${name}` },
    });
  }
  return [...planned.values()];
}

function joined(known: PlannedCheck, more: PlannedCheck): PlannedCheck {
  const runs = [...known.runs, ...more.runs];
  const ids = [known, more].map(({ settings }) => settings.config.tenant_ids);
  if (!ids.every(Array.isArray)) return { ...known, runs };
  // An empty list stands for every tenant already.
  const tenants = ids.some((list) => list.length === 0) ? [] : [...new Set(ids.flat())];
  const config = { ...known.settings.config, tenant_ids: tenants };
  return { ...known, runs, settings: { ...known.settings, config } };
}

/** `books`, or `books.acme and 41 more`. */
export const titleOf = ({ runs: [first = '', ...more] }: PlannedCheck): string =>
  more.length > 0 ? `${first} and ${more.length.toLocaleString('en')} more` : first;
