// The program `destination-databricks`.
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import destination from './index.ts';

await serve(destination);
