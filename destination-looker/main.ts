// The program `destination-looker`.
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import destination from './index.ts';

await serve(destination);
