// What every step of a push needs: the run, the store, the model and where it lives.
import type { Model, ModelTable } from '../model/layout.ts';
import type { Run } from '../run.ts';
import type { Store } from '../store/store.ts';
import type { Quota } from './quota.ts';
import type { PushSettings } from './settings.ts';

export interface Session {
  readonly run: Run;
  readonly store: Store;
  readonly settings: PushSettings;
  readonly model: Model;
  readonly workspace: string;
  readonly dataset: string;
  readonly quota: Quota;
  /** What this run sent, by table, for the log of deliveries. */
  readonly sent: Map<string, { rows: number; batches: number }>;
  /** Batches of this run that the replica took. */
  readonly taken: Set<string>;
  /** Records of this run that were refused, by stream, until the states tell of them. */
  readonly refused: Map<string, Set<string>>;
  /** Tables whose definition was sent again for refused rows: once a run. */
  readonly mended: Set<string>;
}

export const addressOf = ({ workspace, dataset }: Session, table: ModelTable) => ({
  workspace,
  dataset,
  table: table.name,
});
