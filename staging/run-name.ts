// A run's own name, for rows and files where the caller gave the job no number.
import { randomUUID } from 'node:crypto';
import type { Clock } from '@airbyte/cdk-typescript-shim';

/** When the run began, and what tells it from others of that moment: `20260131T093000123Z-1a2b3c4d`. */
export const runName = (clock: Clock): string =>
  `${new Date(clock.now()).toISOString().replace(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
