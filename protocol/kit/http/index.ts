// HTTP as layers: what connectors compose their stacks from.
export * from './authorize.ts';
export * from './decodable.ts';
export * from './fail.ts';
export * from './http.ts';
export * from './limit.ts';
export * from './lost-answer.ts';
export * from './quota.ts';
export * from './retry.ts';
export * from './send.ts';
export * from './stack.ts';
export * from './timeout.ts';
export { type OnWait, pause, type Wait } from './wait.ts';
