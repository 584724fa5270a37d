// Webhooks: events come in signed, are kept, and become jobs.
export { type GatherPorts, gatherEvents } from './gather.ts';
export type { Log } from './receive.ts';
export { type WebhookOptions, webhookRoutes } from './routes.ts';
export { sourceOf } from './routing.ts';
export { streamsOfEvent } from './streams.ts';
