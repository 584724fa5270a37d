// What the sandbox asks of each product: a running emulator, and the configuration of the connector that reaches it.
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import type { Books } from '../books/index.ts';
import type { XeroLimits } from '../emulators/xero/index.ts';

export interface ProductOptions {
  readonly books: readonly Books[];
  readonly clock: Clock;
  /** Folder of the configurations. */
  readonly folder: string;
  /** Loopback port; a free one unless given. */
  readonly port: { readonly port?: number };
  readonly xeroLimits?: Partial<XeroLimits>;
  /** Off: Databricks statements are parsed but not run, for benchmarks. */
  readonly execute: boolean;
}

export interface Product<Emulator, Connector extends string> {
  readonly emulator: Emulator;
  readonly connector: Connector;
  readonly config: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}
