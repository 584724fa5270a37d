// The program: `source-quickbooks spec | check | discover | read | login`.
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import { source } from './index.ts';

await serve(source);
