// A source with a choice of credentials, nested records, tombstones and a stream that can fail, as a program.
import { serve } from '@airbyte/cdk-typescript-shim/kit';
import { booksSource } from './source.ts';

await serve(booksSource);
