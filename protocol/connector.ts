// What a connector is: a value with a spec and a few functions. The kit serves it as a program; tests call it directly.
import type { ConfiguredCatalog } from './catalog.ts';
import type { Declaration } from './declaration.ts';
import type { Catalog, Message, Specification, StateMessage } from './messages.ts';
import type { Context } from './ports.ts';
import type { States } from './state.ts';

/** The outcome of `check`: every step that was verified, or the reason and the remedy. */
export interface CheckResult {
  readonly ok: boolean;
  readonly message: string;
}

/** One record to read again, as a webhook or a replay names it: a line of the file given by `--only`. */
export interface RecordReference {
  readonly stream: string;
  readonly tenant: string;
  readonly id: string;
}

export interface ReadRequest {
  readonly catalog: ConfiguredCatalog;
  /** The states of the last run, by stream. */
  readonly states: States;
  /** When given: exactly these records, and no state moves. */
  readonly only?: readonly RecordReference[];
}

/**
 * A source. As a program: `source-x spec | check --config F | discover --config F | read --config F [--catalog F]
 * [--state F] [--only F] | login --config F`.
 *
 * `read` yields, per stream: status STARTED, RUNNING at the first record, records, states that cover them, and
 * last COMPLETE or INCOMPLETE. It throws a ConnectorError only when nothing more can be read; a failure of one
 * stream is an INCOMPLETE and a TRACE ERROR naming it, and the run goes on (see `serve`, which then exits non-zero).
 */
export interface Source<Config> {
  readonly name: string;
  readonly version: string;
  readonly spec: Specification;
  check(context: Context<Config>): Promise<CheckResult>;
  discover(context: Context<Config>): Promise<Catalog>;
  read(context: Context<Config>, request: ReadRequest): AsyncGenerator<Message>;
  /** Runs the consent flow and returns the complete configuration to be written. Absent: nothing to log in to. */
  login?(context: Context<Config>, ask: LoginPorts): Promise<Record<string, unknown>>;
}

/** What `login` asks of the person at the terminal; the kit implements it. */
export interface LoginPorts {
  /** Starts listening on loopback for the redirect; `url` is the redirect URI to register and send. */
  listen(port: number): Promise<LoginCallback>;
  /** Opens the consent page in a browser, and prints its address for those without one. */
  open(url: string): Promise<void>;
  /** Lets the person pick one or more of the options; returns their values. */
  choose(
    question: string,
    options: readonly { readonly label: string; readonly value: string }[],
  ): Promise<readonly string[]>;
}

export interface LoginCallback {
  readonly url: string;
  /** The query of the redirect when it comes; rejects after `milliseconds`. */
  wait(milliseconds: number): Promise<URL>;
  close(): Promise<void>;
}

/** What reaches a destination, in order: a stream is declared, records follow, a state covers them. */
export type Arrival =
  /** A stream, before its first record; again when its schema changed in the middle. */
  | { readonly kind: 'declare'; readonly declaration: Declaration }
  /** A run of complete RECORD lines of one declared stream, as they came (LF-terminated, unparsed). */
  | {
      readonly kind: 'records';
      readonly stream: string;
      readonly bytes: Uint8Array;
      readonly count: number;
    }
  /** A state covering every record before it; `stream` is absent when it covers all streams. */
  | { readonly kind: 'state'; readonly stream?: string; readonly message: StateMessage }
  /** The source is done with a stream: all of it was sent, or not. */
  | { readonly kind: 'status'; readonly stream: string; readonly status: 'COMPLETE' | 'INCOMPLETE' }
  /** A line that cannot be used: not JSON, or a record of an unknown stream. */
  | { readonly kind: 'reject'; readonly bytes: Uint8Array; readonly reason: string };

/**
 * A destination. As a program: `destination-x spec | check --config F | write --config F [--catalog F] < messages`.
 * `write` yields the states that became durable, in order, and log messages.
 */
export interface Destination<Config> {
  readonly name: string;
  readonly version: string;
  readonly spec: Specification;
  check(context: Context<Config>): Promise<CheckResult>;
  write(context: Context<Config>, arrivals: AsyncIterable<Arrival>): AsyncGenerator<Message>;
}
