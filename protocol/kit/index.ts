// The kit: everything with I/O that connectors share.
export * from './clock.ts';
export * from './http/index.ts';
export * from './serve.ts';
export * from './oauth.ts';
export * from './token-store.ts';
