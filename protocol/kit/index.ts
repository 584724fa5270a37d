// The kit: everything with I/O that connectors share.
export * from './clock.ts';
export { readConfigFile, validateConfig } from './config.ts';
export * from './connection.ts';
export * from './consent.ts';
export * from './content-hash.ts';
export * from './http/index.ts';
export * from './oauth.ts';
export * from './output.ts';
export * from './parallel.ts';
export * from './progress.ts';
export * from './redact.ts';
export * from './serve.ts';
export * from './token-store.ts';
