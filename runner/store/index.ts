// The store, in one import.
export * from './contract.ts';
export { openStore, type StoreOptions } from './open.ts';
