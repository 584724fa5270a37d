// What must hold once the fire is over: the trail tells of every row once, and the newest token is in the vault.
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { readSettings, secretOf } from '../../runner/settings/index.ts';
import { openStore } from '../../runner/store/index.ts';
import { parseKey } from '../../runner/vault/key.ts';
import type { Battlefield } from './strikes.ts';

export interface Aftermath {
  /** Rows of the audit trail that say "delivered". */
  readonly delivered: number;
  /** Records of one job that were told of more than once. */
  readonly doubled: readonly string[];
  /** Invoices in the destination of which the trail says nothing. */
  readonly untold: readonly string[];
  /** Jobs in a state that a quiet runner leaves none in. */
  readonly unsettled: readonly string[];
  /** True when the refresh token in the vault was used before: a newer one has been lost. */
  readonly tokenLost: boolean;
}

/** Looks into the store of stopped runners. */
export async function aftermath(field: Battlefield, schema = 'ledger'): Promise<Aftermath> {
  const [runner] = field.runners;
  if (!runner) throw new Error('There was no runner');
  const store = await openStore({
    url: field.postgres.url('writer'),
    key: parseKey(field.key, 'the test'),
    clock: systemClock,
  });
  try {
    const told = new Map<string, number>();
    const keys = new Set<string>();
    for await (const { job, stream, tenant, key } of store.audit.find({ outcome: 'delivered' })) {
      const name = `${job} ${stream} ${tenant} ${key}`;
      told.set(name, (told.get(name) ?? 0) + 1);
      if (stream === 'invoices') keys.add(key);
    }
    const jobs = await store.jobs.list({ states: ['running', 'parked', 'failed'] });
    const settings = await readSettings(runner.file, { LEDGERPIPE_KEY: field.key });
    const [pipeline] = Object.values(settings.pipelines);
    const rotated = JSON.stringify(pipeline ? await store.secrets.get(secretOf(pipeline)) : undefined);
    return {
      delivered: told.size,
      doubled: [...told].filter(([, count]) => count > 1).map(([name]) => name),
      untold: (await idsIn(field, schema)).filter((id) => !keys.has(id)),
      unsettled: jobs.map(({ id, state, failure }) => `${id} ${state} ${failure?.message ?? ''}`),
      tokenLost: usedTokens(field).some((token) => rotated.includes(token)),
    };
  } finally {
    await store.close();
  }
}

async function idsIn({ sandbox: { databricks } }: Battlefield, schema: string): Promise<readonly string[]> {
  const rows = await databricks.query(
    `SELECT InvoiceID AS id FROM "${databricks.catalog}".${schema}.invoices`,
  );
  return rows.map(({ id }) => String(id));
}

/** Refresh tokens that the source has spent. */
const usedTokens = ({ sandbox: { xero } }: Battlefield): readonly string[] =>
  xero.requests
    .filter(({ url }) => url.pathname === '/connect/token')
    .flatMap(({ body }) => new URLSearchParams(body.toString('utf8')).get('refresh_token') ?? []);
