// Serving runners under fire: edits come as webhooks and by schedule, something is killed, and the books must arrive.

import { editBooks } from '../books/index.ts';
import { type Random, seededRandom } from '../books/random.ts';
import { compare, landed } from '../demo/compare.ts';
import { type EventSender, eventSender, webhookKeys } from '../demo/events.ts';
import { freePort } from '../emulators/free-port.ts';
import type { Postgres } from '../emulators/postgres/index.ts';
import type { Sandbox } from '../sandbox/open.ts';
import { writePipeline } from '../sandbox/pipeline.ts';
import { childrenOf, kill } from '../sandbox/processes.ts';
import { type Serving, startServing } from '../sandbox/serving.ts';

export const victims = ['runner', 'source-xero', 'destination-databricks', 'postgres'] as const;
export type Victim = (typeof victims)[number];

/** Pauses between an edit and the kill: as long as a run takes, so that all of it is struck. */
const longestPause = 4_000;
/** For what was struck to be found, taken up and brought home. */
const patience = 90_000;

export interface RunnerAtWork {
  readonly file: string;
  readonly port: number;
  serving: Serving;
}

export interface Battlefield {
  readonly sandbox: Sandbox;
  readonly postgres: Postgres;
  readonly runners: readonly RunnerAtWork[];
  readonly key: string;
  readonly random: Random;
}

/** Starts as many runners as asked for on one PostgreSQL, each with a folder of its own. */
export async function openBattlefield(
  sandbox: Sandbox,
  {
    postgres,
    folders,
    key,
    seed,
  }: {
    readonly postgres: Postgres;
    readonly folders: readonly string[];
    readonly key: string;
    readonly seed: number;
  },
): Promise<Battlefield> {
  const runners: RunnerAtWork[] = [];
  for (const folder of folders) {
    const port = await freePort();
    const file = await writePipeline(sandbox, {
      folder,
      source: { page_size: 25, snapshot_hours: 0, token_store: undefined },
      schedules: [{ cron: '*/5 * * * * *' }],
      runner: {
        store: postgres.url('writer'),
        http: { port },
        webhooks: { xero: webhookKeys.xero },
        webhook: { window_seconds: 1 },
        retry: { attempts: 50, first_seconds: 1, longest_minutes: 1 },
      },
    });
    runners.push({ file, port, serving: await serve({ file, port, key }) });
  }
  return { sandbox, postgres, runners, key, random: seededRandom(seed) };
}

const serve = ({ file, port, key }: { readonly file: string; readonly port: number; readonly key: string }) =>
  startServing(file, { port, environment: { LEDGERPIPE_KEY: key } });

export interface Round {
  readonly victim: Victim;
  /** False: it had ended by itself. */
  readonly struck: boolean;
  /** Milliseconds until the destination equals the books again; undefined: it never did. */
  readonly healed: number | undefined;
  /** What differs, and what the runners said, where it never did. */
  readonly report: string;
}

/** Edits the books, sends the events, kills the victim at a random moment, and waits until all is well again. */
export async function strike(
  field: Battlefield,
  {
    round,
    victim,
    schema = 'ledger',
  }: { readonly round: number; readonly victim: Victim; readonly schema?: string },
): Promise<Round> {
  const { sandbox, runners, random } = field;
  const target = runners[round % runners.length];
  if (!target) throw new Error('There is no runner to strike');
  sandbox.xero.expireAccessTokens();
  const sender: EventSender = eventSender(sandbox, target.serving.url);
  await sender.enable();
  for (const books of sandbox.books) editBooks(books, { seed: round, edits: 12, at: Date.now() });
  await sender.send();
  await pause(random.whole(0, longestPause));
  const struck = await killVictim(field, { victim, target });
  const began = Date.now();
  let text = '';
  while (Date.now() - began < patience) {
    const found = await compared(sandbox, schema);
    if (found.agrees) return { victim, struck, healed: Date.now() - began, report: '' };
    text = found.text;
    await pause(300);
  }
  const said = runners.map(({ serving }) => serving.output().slice(-4_000)).join('\n');
  return { victim, struck, healed: undefined, report: `${text}\n${said}` };
}

/** Before the first load there is nothing to ask. */
async function compared(sandbox: Sandbox, schema: string) {
  try {
    return compare(sandbox.books, await landed(sandbox.databricks, schema));
  } catch (error) {
    return { agrees: false, text: String(error) };
  }
}

async function killVictim(
  field: Battlefield,
  { victim, target }: { readonly victim: Victim; readonly target: RunnerAtWork },
): Promise<boolean> {
  if (victim === 'postgres') {
    await field.postgres.crash();
    return true;
  }
  if (victim === 'runner') {
    process.kill(target.serving.pid, 'SIGKILL');
    await target.serving.ended;
    target.serving = await serve({ ...target, key: field.key });
    return true;
  }
  const pids = field.runners.flatMap(({ serving }) => childrenOf(serving.pid, victim));
  for (const pid of pids) kill(pid);
  return pids.length > 0;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
