// A QuickBooks with generated books, a configuration that reaches it, and a clock of its own: what the tests start from.
import { onTestFinished } from 'vitest';
import { generateBooks } from '../books/index.ts';
import { fastClock } from '../emulators/clock.ts';
import { type QuickbooksOptions, startQuickbooks } from '../emulators/quickbooks/index.ts';
import { type Bench, configFor, DAY } from './outcome.ts';

export * from './outcome.ts';

export interface BenchOptions extends Partial<Pick<QuickbooksOptions, 'app' | 'switches' | 'limits'>> {
  readonly documents?: number;
  readonly seed?: number;
  readonly config?: Readonly<Record<string, unknown>>;
  /** How many times faster than the world the clock runs. */
  readonly rate?: number;
}

/** Opens a bench that the test closes by itself. The clock starts a month after the last entry of the books. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const { documents = 60, seed = 7, config = {}, rate = 300, ...emulator } = options;
  const books = generateBooks({ seed, documents });
  const clock = fastClock({ start: books.lastTouched + 30 * DAY, rate });
  const quickbooks = await startQuickbooks({ companies: [books], clock, ...emulator });
  onTestFinished(() => quickbooks.close());
  const { refresh_token } = quickbooks.issueTokens();
  const realm = quickbooks.companies[0]?.realmId ?? '';
  return {
    quickbooks,
    books,
    realm,
    clock,
    config: { ...configFor(quickbooks, refresh_token ?? ''), ...config },
  };
}
