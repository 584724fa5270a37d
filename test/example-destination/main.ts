// The example destination as a program.
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import { exampleDestination } from './destination.ts';

await serve(exampleDestination);
