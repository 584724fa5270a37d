// The runner's routes and what they need: webhooks and page, mounted as each of them asks for it.
import type { Clock } from '@airbyte/cdk-typescript-shim';
import { pageRoutes } from '../page/index.ts';
import type { PipelineSettings, Settings } from '../settings/index.ts';
import type { Store } from '../store/contract.ts';
import { version } from '../version.ts';
import { gatherEvents, webhookRoutes } from '../webhooks/index.ts';
import { sourceOf } from '../webhooks/routing.ts';
import type { RunnerPorts } from './runner.ts';

type Mounted = Pick<RunnerPorts, 'routes' | 'gather' | 'hasWebhooks'>;

export function mounted(settings: Settings, clock: Clock): Mounted {
  const { webhooks: keys } = settings;
  const received = keys.xero !== undefined || keys.quickbooks !== undefined;
  return {
    routes: ({ store, log, live }) => [
      webhookRoutes({ keys, store, clock, pipelines: settings.pipelines, log }),
      pageRoutes({ settings, store, clock, version, progress: () => live.list() }),
    ],
    ...(received && { gather: (store: Store) => gatherEvents({ store, clock, settings }) }),
    hasWebhooks: (pipeline: PipelineSettings) => {
      const source = sourceOf(pipeline);
      return source !== undefined && keys[source] !== undefined;
    },
  };
}
