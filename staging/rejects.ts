// Lines that cannot be used: kept in a file, counted, told once at the end.
import { appendFile } from 'node:fs/promises';
import { type ConnectorError, logMessage, type Message, systemError } from '@airbyte/cdk-typescript-shim';

export interface Reject {
  readonly line: Uint8Array;
  readonly reason: string;
  readonly stream?: string;
  /** Its number among the records of the stream in this run. */
  readonly ordinal?: number;
}

/** Writes rejects as JSON lines `{"reason","stream","line"}`; a line that is not UTF-8 as `line_base64`. */
export class Rejects {
  readonly #file: string;
  readonly #ordinals = new Map<string, number[]>();
  #count = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Numbers of the rejected records of a stream. */
  readonly of = (stream: string): readonly number[] => this.#ordinals.get(stream) ?? [];

  async add(...rejects: readonly Reject[]): Promise<void> {
    if (rejects.length === 0) return;
    // Records are books of account: nobody else may read them.
    await appendFile(this.#file, rejects.map(encode).join(''), { mode: 0o600 });
    this.#count += rejects.length;
    for (const { stream, ordinal } of rejects) {
      if (stream === undefined || ordinal === undefined) continue;
      const known = this.#ordinals.get(stream) ?? [];
      known.push(ordinal);
      this.#ordinals.set(stream, known);
    }
  }

  /** The one line about all rejects, when there are any. */
  summary(): Message | undefined {
    return this.#count === 0 ? undefined : logMessage('WARN', this.#sentence());
  }

  /** For runs that must not lose a line. */
  failure(): ConnectorError | undefined {
    if (this.#count === 0) return undefined;
    return systemError(`${this.#sentence()}, mend the source or set on_reject to "keep"`);
  }

  #sentence(): string {
    const lines = this.#count === 1 ? '1 line' : `${this.#count} lines`;
    return `Rejected ${lines} that could not be used: kept in "${this.#file}"`;
  }
}

function encode({ line, reason, stream }: Reject): string {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  const text = bytes.toString('utf8').replace(/\r?\n$/, '');
  const intact = Buffer.from(text, 'utf8').equals(bytes.subarray(0, Buffer.byteLength(text)));
  const body = intact ? { line: text } : { line_base64: bytes.toString('base64') };
  return `${JSON.stringify({ reason, ...(stream === undefined ? {} : { stream }), ...body })}\n`;
}
