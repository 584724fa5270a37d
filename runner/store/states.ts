// The newest state of each stream, as the destination gave it back, and when it did.
import { type StateBody, streamKey } from '@airbyte/cdk-typescript-shim';
import type { States } from './contract.ts';
import type { Database } from './database.ts';

export function createStates({ db, clock, patiently }: Database): States {
  return {
    of: (pipeline) =>
      patiently(async () => {
        const query = db.selectFrom('ledgerpipe_state').select('body').where('pipeline', '=', pipeline);
        return (await query.orderBy('stream').execute()).map(({ body }) => JSON.parse(body) as StateBody);
      }),
    async keep(pipeline, state, job) {
      const { destinationStats, sourceStats: _, ...kept } = state;
      const row = {
        pipeline,
        stream: keyOf(state),
        body: JSON.stringify(kept),
        job,
        records: destinationStats?.recordCount ?? 0,
        committed_at: clock.now(),
      };
      await patiently(() =>
        db
          .insertInto('ledgerpipe_state')
          .values(row)
          .onConflict((conflict) =>
            conflict.columns(['pipeline', 'stream']).doUpdateSet(({ ref, eb }) => ({
              body: ref('excluded.body'),
              job: ref('excluded.job'),
              committed_at: ref('excluded.committed_at'),
              records: eb
                .case()
                .when('ledgerpipe_state.job', '=', job)
                .then(eb('ledgerpipe_state.records', '+', row.records))
                .else(row.records)
                .end(),
            })),
          )
          .execute(),
      );
    },
  };
}

const keyOf = ({ stream, type }: StateBody): string => {
  const descriptor = stream?.stream_descriptor;
  return descriptor ? streamKey(descriptor.name, descriptor.namespace) : `(${type ?? 'LEGACY'})`;
};
