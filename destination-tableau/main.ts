// The program `destination-tableau`: the connector, with the one environment variable it may be told by.
import { env } from 'node:process';
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import { tableau } from './index.ts';

await serve(tableau(env.HYPERD_PATH ? { hyperd: env.HYPERD_PATH } : {}));
