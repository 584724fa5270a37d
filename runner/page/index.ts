// The web page of the runner, in one import.
export { pageRoutes } from './routes.ts';
export type { PageOptions } from './visit.ts';
