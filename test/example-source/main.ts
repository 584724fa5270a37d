// The example source as a program.
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import { exampleSource } from './source.ts';

await serve(exampleSource);
