// Sequence numbers of posted rows: one counter per table and client application (powerbi.md 2.4).
import { badRequest, odataError } from './answers.ts';
import type { Switches } from './switches.ts';

export class Sequences {
  readonly #switches: Switches;
  /** By table, by client. */
  readonly #numbers = new Map<string, Map<string, number>>();

  constructor(switches: Switches) {
    this.#switches = switches;
  }

  /** What the header of a POST asks for: rows that are stored, or taken for done; `keep` is called once they are. */
  admit(
    header: string | undefined,
    { table, client }: { table: string; client: string },
  ): { store: boolean; keep: () => void } {
    const unnumbered = { store: true, keep: () => undefined };
    if (header === undefined || this.#switches.sequenceNumbers === 'ignored') return unnumbered;
    if (!/^\d{1,18}$/.test(header))
      throw badRequest(`X-PowerBI-PushData-SequenceNumber "${header}" is no integer.`, 'sequenceNumber');
    const number = Number(header);
    const last = this.#numbers.get(table)?.get(client) ?? 0;
    const keep = (): void => {
      const clients = this.#numbers.get(table) ?? new Map<string, number>();
      this.#numbers.set(table, clients.set(client, Math.max(number, last)));
    };
    if (number <= last) return this.#repeated(number, { last, keep });
    if (number > last + 1 && !this.#switches.sequenceGaps)
      throw odataError(this.#switches.repeatedSequenceStatus, 'InvalidRequest', {
        message: `Sequence number ${number} does not follow ${last}.`,
      });
    return { store: true, keep };
  }

  #repeated(number: number, { last, keep }: { last: number; keep: () => void }) {
    switch (this.#switches.repeatedSequence) {
      case 'ignored':
        return { store: false, keep };
      case 'appended':
        return { store: true, keep };
      case 'refused':
        throw odataError(this.#switches.repeatedSequenceStatus, 'InvalidRequest', {
          message: `Sequence number ${number} was already used, the last one is ${last}.`,
        });
    }
  }

  of(table: string): readonly { readonly clientId: string; readonly sequenceNumber: number }[] {
    const clients = this.#numbers.get(table) ?? new Map<string, number>();
    return [...clients].map(([clientId, sequenceNumber]) => ({ clientId, sequenceNumber }));
  }

  /** After DELETE rows. */
  deleted(table: string): void {
    if (this.#switches.deleteResetsSequence) this.#numbers.delete(table);
  }
}
