// The contract, in one import.
export * from './arrivals.ts';
export * from './catalog.ts';
export * from './connector.ts';
export * from './declaration.ts';
export * from './errors.ts';
export * from './lines.ts';
export * from './messages.ts';
export * from './ports.ts';
export * from './schema.ts';
export * from './singer/index.ts';
export * from './state.ts';
