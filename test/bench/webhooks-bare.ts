// The yardstick of the webhook endpoints: a server that answers every body and does nothing with it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end());
}).listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().once('end', () => {
  process.stdout.write('{"processor":0,"memory":0}\n', () => process.exit());
});
