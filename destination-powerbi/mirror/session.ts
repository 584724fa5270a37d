// What every step of mirroring needs, and where a table's files go.
import type { Folder } from '../api/onelake.ts';
import type { ModelTable } from '../model/layout.ts';
import type { Run } from '../run.ts';
import type { MirrorMode } from '../spec.ts';
import type { Store } from '../store/store.ts';

export interface MirrorSession {
  readonly run: Run;
  readonly store: Store;
  readonly mode: MirrorMode;
  readonly workspace: string;
  readonly database: string;
  readonly schema: string;
  readonly tables: readonly ModelTable[];
}

export const folderOf = (
  { workspace, database, schema }: Pick<MirrorSession, 'workspace' | 'database' | 'schema'>,
  table?: ModelTable,
): Folder => ({
  workspace,
  path: `${database}/Files/LandingZone/${schema}.schema${table ? `/${table.name}` : ''}`,
});

/** Twenty digits, consecutive from 1 ("Open mirroring landing zone format"). */
export const fileName = (number: number): string => `${String(number).padStart(20, '0')}.parquet`;
