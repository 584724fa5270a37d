// Writes to the store named by its argument until it is killed, and prints the number of each write that was kept.
import { stateMessage } from '@airbyte/cdk-typescript-shim';
import { systemClock } from '@airbyte/cdk-typescript-shim/kit';
import { openStore } from '../../runner/store/index.ts';
import { parseKey } from '../../runner/vault/key.ts';

const [url = '', key = ''] = process.argv.slice(2);
const store = await openStore({ url, key: parseKey(key, 'the argument'), clock: systemClock });
for (let number = 1; ; number += 1) {
  const message = stateMessage('s', { number }, 1);
  if (message.type !== 'STATE') throw new Error('not a state');
  await Promise.all([
    store.secrets.put('token', number),
    store.states.keep('p', message.state, number),
    store.events.take([
      { id: `${number}`, source: 'xero', tenant: 't', record: 'r', type: 'u', happenedAt: 1, receivedAt: 1 },
    ]),
  ]);
  process.stdout.write(`${number}\n`);
  // Lets the pipe take it: the database's calls alone would never give the loop a turn.
  await new Promise((resolve) => setImmediate(resolve));
}
