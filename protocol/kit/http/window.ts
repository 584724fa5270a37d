// A gate for a quota per fixed window, whose start only the server knows: it lives on the remaining header.
import type { Answered, Blocked, Gate } from './gate.ts';
import type { HttpResponse } from './http.ts';
import { retryAfter } from './retry-after.ts';

/** A quota of `max` requests per fixed window of `milliseconds`. */
export interface WindowRow {
  readonly kind: 'window';
  /** What the quota is called in messages: `minute`, `day`. */
  readonly name: string;
  readonly milliseconds: number;
  readonly max: number;
  /** The response header that says how many requests are left in the window. */
  readonly remainingHeader?: string;
  /** Requests left unused for other programs. Default 0. */
  readonly reserve?: number;
  /** `wait` until the window ends, or `end` with a transient error that names the reset. */
  readonly whenSpent: 'wait' | 'end';
  /** Counted per lane (default) or over all lanes. */
  readonly scope?: 'lane' | 'all';
}

interface Ticket {
  /** How many answers had come when it was sent. */
  readonly answersBefore: number;
  /** The window it was sent in, and the least that had been reported for it by then. */
  readonly window: Window;
  readonly least: number | undefined;
}

/** What is known about the server's present window. */
interface Window {
  /** Requests left when it was first known, and now; those under way are not taken off yet. */
  first: number;
  left: number;
  /** The least and the most that the server reported; undefined before its first word. */
  least: number | undefined;
  most: number;
  /** When it has ended at the latest. */
  endsBy: number | undefined;
  readonly answersBefore: number;
}

/**
 * The server reports what is left after it counted a request. A report no lower than one that had come before its
 * request was sent belongs to a newer window. A window has ended at the latest `milliseconds` after its first answer;
 * until then nothing is sent that could exceed the lowest report, with every request under way taken as spent. An
 * answer without a report is taken as spent for one full window, whatever its phase.
 */
export function windowGate(row: WindowRow): Gate {
  return new WindowGate(row);
}

class WindowGate implements Gate {
  readonly #row: WindowRow;
  readonly #underWay = new Set<Ticket>();
  /** Answers without a report, in the order they came: when each stops counting. */
  #unreported: { readonly answer: number; readonly until: number }[] = [];
  #answers = 0;
  #window: Window;

  constructor(row: WindowRow) {
    this.#row = row;
    this.#window = this.#begin(row.max);
  }

  blocked(now: number): Blocked | undefined {
    this.#pass(now);
    const { reserve = 0, whenSpent, name } = this.#row;
    const available = this.#window.left - this.#unreported.length - this.#underWay.size;
    if (available > reserve) return undefined;
    const ends = [this.#window.endsBy, this.#unreported[0]?.until].filter((end) => end !== undefined);
    return {
      until: ends.length === 0 ? undefined : Math.min(...ends),
      // With requests under way it is too early to say: one of them may show that a new window began.
      ends: whenSpent === 'end' && this.#underWay.size === 0,
      reason: `the ${name} quota of ${this.#row.max} requests is spent`,
    };
  }

  sent(): Answered {
    const ticket = { answersBefore: this.#answers, window: this.#window, least: this.#window.least };
    this.#underWay.add(ticket);
    return (response, now, counted) => {
      if (counted) this.#answered(ticket, response, now);
      this.#underWay.delete(ticket);
    };
  }

  /** Time alone ends a window. What came in since the oldest request under way was sent may count in the next one. */
  #pass(now: number): void {
    if (this.#unreported[0] && this.#unreported[0].until <= now)
      this.#unreported = this.#unreported.filter(({ until }) => until > now);
    if (this.#window.endsBy === undefined || now < this.#window.endsBy) return;
    const [oldest] = this.#underWay;
    const carried = oldest === undefined ? 0 : this.#answers - oldest.answersBefore;
    this.#window = this.#begin(this.#row.max - carried);
  }

  #begin(left: number): Window {
    return { first: left, left, least: undefined, most: 0, endsBy: undefined, answersBefore: this.#answers };
  }

  #answered(ticket: Ticket, response: HttpResponse | undefined, now: number): void {
    this.#pass(now);
    const remaining = remainingIn(response, this.#row.remainingHeader);
    if (remaining === undefined)
      this.#unreported.push({ answer: this.#answers, until: now + this.#row.milliseconds });
    else if (!this.#isLate(ticket, remaining)) this.#report(ticket, remaining, now);
    this.#answers += 1;
    if (response?.status === 429 && remaining === 0) this.#shorten(now, retryAfter(response, now));
  }

  /** From a window that has ended: the present one cannot have been drawn so low since it began. */
  #isLate(ticket: Ticket, remaining: number): boolean {
    const since = this.#answers - this.#window.answersBefore + this.#underWay.size;
    return ticket.window !== this.#window && remaining < this.#window.first - since;
  }

  #report(ticket: Ticket, remaining: number, now: number): void {
    const isNewer = ticket.least !== undefined && remaining >= ticket.least;
    if (isNewer) this.#window = this.#begin(0);
    const window = this.#window;
    // Requests answered while this one was under way may have been counted after it.
    if (window.least === undefined)
      window.first = window.left = remaining - (this.#answers - ticket.answersBefore);
    // Nothing higher was seen, so the window may have begun just before this answer.
    if (window.endsBy === undefined || remaining >= window.most) window.endsBy = now + this.#row.milliseconds;
    window.left = Math.min(window.left, remaining);
    window.least = Math.min(window.least ?? remaining, remaining);
    window.most = Math.max(window.most, remaining);
    this.#unreported = this.#unreported.filter(({ answer }) => answer >= ticket.answersBefore);
  }

  /** The server knows when the window ends. A Retry-After may be about a shorter quota, so a day is not shortened by it. */
  #shorten(now: number, wait: number | undefined): void {
    if (wait === undefined || this.#row.whenSpent === 'end' || this.#window.endsBy === undefined) return;
    this.#window.endsBy = Math.min(this.#window.endsBy, now + wait);
  }
}

/** What an answer says is left, in the header of that name. */
export function remainingIn(
  response: HttpResponse | undefined,
  header: string | undefined,
): number | undefined {
  if (response === undefined || header === undefined) return undefined;
  const value = response.headers[header.toLowerCase()];
  const remaining = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(remaining) ? remaining : undefined;
}
