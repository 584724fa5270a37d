// From tables to a LookML project: pure, the same input gives the same bytes.
export { slugOf } from './dashboard.ts';
export { type Explore, exploresOf } from './explores.ts';
export type { Model } from './parts.ts';
export {
  dashboardName,
  datagroupName,
  type ModelFile,
  type ModelOptions,
  marker,
  modelOf,
  projectFiles,
} from './project.ts';
export { fieldAt, keyOf, type ModelTable, named, type View } from './shapes.ts';
export type { TrackingCategory } from './tracking.ts';
