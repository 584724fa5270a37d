// Secrets at rest: every value sealed by the vault's key, which the store knows by name and never holds.
import { configError } from '@airbyte/cdk-typescript-shim';
import type { Kysely } from 'kysely';
import { type KeySource, keyVariable, type VaultKey } from '../vault/key.ts';
import { seal, unseal } from '../vault/seal.ts';
import type { Secrets } from './contract.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';

/** Refuses a key that is not the one of the store's secrets; a missing key is refused when a secret is asked for. */
export async function openSecrets(database: Database, source: KeySource): Promise<Secrets> {
  const ring = new KeyRing(source);
  await ring.check(await keyIdIn(database.db));
  return createSecrets(database, ring);
}

function createSecrets({ kind, db, clock, patiently }: Database, ring: KeyRing): Secrets {
  return {
    get: (name) =>
      patiently(async () => {
        // Both in one query: a rotation may come between two.
        const row = await db
          .selectFrom('ledgerpipe_secret')
          .innerJoin('ledgerpipe_vault', (join) => join.onTrue())
          .select(['sealed', 'key_id'])
          .where('name', '=', name)
          .executeTakeFirst();
        return row && (await unseal(await ring.key(row.key_id), name, row.sealed));
      }),
    put: (name, value) =>
      patiently(() =>
        db.transaction().execute(async (transaction) => {
          const key = await ring.key(await claimVault(transaction, { kind, ring }));
          const row = { name, sealed: await seal(key, name, value), kept_at: clock.now() };
          const { name: _, ...changed } = row;
          await transaction
            .insertInto('ledgerpipe_secret')
            .values(row)
            .onConflict((conflict) => conflict.column('name').doUpdateSet(changed))
            .execute();
        }),
      ),
    prove: () =>
      patiently(async () => {
        const id = await keyIdIn(db);
        if (id !== undefined) await ring.key(id);
        else await db.transaction().execute((transaction) => claimVault(transaction, { kind, ring }));
      }),
    async delete(name) {
      await patiently(() => db.deleteFrom('ledgerpipe_secret').where('name', '=', name).execute());
    },
    names: () =>
      patiently(async () => {
        const rows = await db.selectFrom('ledgerpipe_secret').select('name').orderBy('name').execute();
        return rows.map(({ name }) => name);
      }),
  };
}

/** The key in use, looked for again when the store says that another one seals its secrets by now. */
class KeyRing {
  readonly #source: KeySource;
  #key: VaultKey | undefined;

  constructor(source: KeySource) {
    this.#source = source;
  }

  /** The key of that id. Throws a config error that says how to restore it. */
  async key(id: string): Promise<VaultKey> {
    const key = await this.#find(id);
    if (key?.id === id) return key;
    throw key ? wrongKey(key.id, id) : missingKey(id);
  }

  /** The key that a vault which was never used begins with. */
  async first(): Promise<VaultKey> {
    this.#key = (await this.#find(undefined)) ?? (await this.#source.make?.());
    if (this.#key) return this.#key;
    throw missingKey(undefined);
  }

  async check(id: string | undefined): Promise<void> {
    const key = await this.#find(id);
    if (key && id !== undefined && key.id !== id) throw wrongKey(key.id, id);
  }

  async #find(id: string | undefined): Promise<VaultKey | undefined> {
    if (!this.#key || (id !== undefined && this.#key.id !== id)) this.#key = await this.#source.find(id);
    return this.#key;
  }
}

const remedy =
  `put it back into ${keyVariable} or its key file, or give the secrets up with "ledgerpipe vault reset" ` +
  'and log in again';

const wrongKey = (found: string, wanted: string): Error =>
  configError(`Cannot open the vault: key "${found}" was given, its secrets need key "${wanted}", ${remedy}`);

const missingKey = (wanted: string | undefined): Error =>
  configError(
    wanted
      ? `Cannot open the vault: key "${wanted}" is missing, ${remedy}`
      : `Cannot open the vault: there is no key, make one with "ledgerpipe vault new-key" and set ${keyVariable}`,
  );

/** Id of the key that the secrets are sealed with; undefined when there is none to be opened. */
export async function keyIdIn(db: Kysely<Tables>): Promise<string | undefined> {
  const row = await db.selectFrom('ledgerpipe_vault').select('key_id').executeTakeFirst();
  return row?.key_id;
}

/** Holds the vault's row for the transaction, so that no rotation comes between, and gives the id of its key. */
async function claimVault(
  transaction: Kysely<Tables>,
  { kind, ring }: { kind: Database['kind']; ring: KeyRing },
): Promise<string> {
  const held = () =>
    transaction
      .selectFrom('ledgerpipe_vault')
      .select('key_id')
      .$if(kind === 'postgres', (query) => query.forShare())
      .executeTakeFirst();
  const found = await held();
  if (found) return found.key_id;
  const { id } = await ring.first();
  await transaction
    .insertInto('ledgerpipe_vault')
    .values({ id: 1, key_id: id })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return (await held())?.key_id ?? id;
}
