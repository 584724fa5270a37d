// The program `destination-powerbi`.
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import destination from './index.ts';

await serve(destination);
