// A process of its own that keeps renewing the tokens of a connection it shares; prints what it was given.
import {
  httpSend,
  openTokenStore,
  refreshing,
  retry,
  stack,
  systemClock,
  timeout,
} from '@airbyte/cdk-typescript-shim/kit';
import { CLIENT } from './token-server.ts';

const [tokenUrl = '', path = '', rounds = '1'] = process.argv.slice(2);
const tokens = refreshing({
  ...CLIENT,
  tokenUrl,
  refreshToken: 'refresh-1',
  store: openTokenStore({ path }),
  send: stack(
    [retry({ clock: systemClock }), timeout({ milliseconds: 10_000 })],
    httpSend({ userAgent: 'test' }),
  ),
  clock: systemClock,
  onRotated: async () => undefined,
});
const given = [await tokens.token()];
for (let round = 1; round < Number(rounds); round += 1) given.push(await tokens.renew(given.at(-1) ?? ''));
console.log(JSON.stringify(given));
