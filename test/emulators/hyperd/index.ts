// Tableau's own engine for tests: found or installed, started, and asked what .hyper files hold.
export { findHyperd } from './find.ts';
export { type Hyperd, type HyperdOptions, startHyperd } from './server.ts';
export { literal, quoted, type Row, type Session } from './session.ts';
export { fileVersion, type HyperColumn, type HyperTable, readTables } from './tables.ts';
