// What every `check` answers: the steps that were verified, or the first failure, its remedy and what held before it.
import type { CheckResult } from './connector.ts';
import { asConnectorError } from './errors.ts';

/**
 * Runs `verify`, which names each step it verified and throws with the remedy where one fails. A config or transient
 * error is the result "not ok"; a system error is a fault of ours and is thrown.
 */
export async function checked(
  verify: (verified: (...steps: readonly string[]) => void) => Promise<void>,
): Promise<CheckResult> {
  const steps: string[] = [];
  try {
    await verify((...more) => void steps.push(...more));
    return { ok: true, message: `Verified: ${steps.join('; ')}` };
  } catch (thrown) {
    const error = asConnectorError(thrown);
    if (error.kind === 'system') throw error;
    const before = steps.length > 0 ? ` (verified before: ${steps.join('; ')})` : '';
    return { ok: false, message: `${error.message}${before}` };
  }
}
