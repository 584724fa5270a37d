// POST …/batch: up to 30 statements in one call, run one after the other, each with its own answer or fault.
import { capture } from './cdc.ts';
import type { Company } from './company.ts';
import { faultOf, Refusal, tooManyItems, unsupportedOperation } from './errors.ts';
import { runQuery } from './query-run.ts';
import type { QuickbooksLimits } from './quota.ts';

export interface BatchItem {
  readonly bId?: unknown;
  readonly Query?: unknown;
  readonly CDCQuery?: { readonly Entities?: unknown; readonly ChangedSince?: unknown };
  readonly ReportQuery?: unknown;
  readonly operation?: unknown;
}

export interface BatchOptions {
  readonly limits: QuickbooksLimits;
  now(): number;
  /** Called before each item: other people work while a batch runs. */
  beforeItem(): void | Promise<void>;
  /** Called for an item that would write. */
  refuseWrite(item: BatchItem): void;
}

/** The items of a body; a body without a list of them is a fault. */
export function itemsOf(body: Buffer): readonly BatchItem[] {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const items =
      typeof value === 'object' && value !== null && 'BatchItemRequest' in value
        ? value.BatchItemRequest
        : [];
    if (Array.isArray(items)) return items as readonly BatchItem[];
  } catch {
    // Falls through to the refusal below.
  }
  throw unsupportedOperation('The body of a batch must be JSON with BatchItemRequest');
}

/** The `BatchItemResponse` member, as JSON text. */
export async function runBatch(
  company: Company,
  items: readonly BatchItem[],
  options: BatchOptions,
): Promise<string> {
  if (items.length > options.limits.batchItems) throw tooManyItems(options.limits.batchItems);
  const answers: string[] = [];
  for (const item of items) {
    await options.beforeItem();
    company.follow(options.now());
    const bId = item.bId === undefined ? '' : `"bId":${JSON.stringify(String(item.bId))},`;
    answers.push(`{${bId}${answerOf(company, item, options)}}`);
  }
  return `[${answers.join(',')}]`;
}

function answerOf(company: Company, item: BatchItem, options: BatchOptions): string {
  try {
    return memberOf(company, item, options);
  } catch (error) {
    if (error instanceof Refusal) return `"Fault":${JSON.stringify(faultOf(error.facts))}`;
    throw error;
  }
}

function memberOf(company: Company, item: BatchItem, { limits, now, refuseWrite }: BatchOptions): string {
  if (typeof item.Query === 'string')
    return `"QueryResponse":${runQuery(company, item.Query, { cap: limits.page })}`;
  if (item.CDCQuery && company.switches.batchCdcAndReports)
    return `"CDCResponse":${capture(company, {
      entities: String(item.CDCQuery.Entities ?? ''),
      changedSince: String(item.CDCQuery.ChangedSince ?? ''),
      now: now(),
      cap: limits.cdcObjects,
      days: limits.cdcDays,
    })}`;
  if (item.operation !== undefined) refuseWrite(item);
  throw unsupportedOperation('Operation is not supported in a batch');
}
