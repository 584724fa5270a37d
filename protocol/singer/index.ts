// The Singer specification, both ways: a source read as a tap, and a tap's lines as arrivals for a destination.
export { type RecordCheck, type SingerArrivalOptions, singerArrivals } from './arrivals.ts';
export {
  type ReplicationMethod,
  type SingerCatalog,
  type SingerMetadata,
  type SingerStream,
  singerCatalog,
} from './catalog.ts';
export { type DeclareOptions, declareSinger, type LoadMethod, loadMethods } from './declaration.ts';
export { unwrappedState } from './echo.ts';
export * from './messages.ts';
export { plainSchema } from './schema.ts';
export { defaultSelection, readSingerCatalog, type SingerSelection } from './selection.ts';
export { bookmarkedStates, freshStart, readSingerState, type SingerStart } from './state.ts';
export { SingerTranslator, type TranslateOptions } from './translate.ts';
