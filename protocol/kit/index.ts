// The kit: everything with I/O that connectors share.
export * from './clock.ts';
export * from './http/http.ts';
export * from './serve.ts';
