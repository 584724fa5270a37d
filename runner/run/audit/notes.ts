// What the audit trail keeps of a record, noted while its line passes.
import { hash as oneShot } from 'node:crypto';
import { type ConfiguredStream, isObject } from '@airbyte/cdk-typescript-shim';
import { type FieldPath, fieldsOf } from './fields.ts';
import { findMembers, objectEnd, type Places, placesFor, type Wanted, wantedMember } from './scan.ts';

export interface RecordNote {
  readonly tenant: string;
  readonly key: string;
  readonly document: string | undefined;
  readonly hash: string;
  readonly time: string | undefined;
}

const hashDigits = 32;
const dataMark = Buffer.from('"data":');
const tailMark = Buffer.from(',"emitted_at":');
/** The envelope behind the record is no longer than that, unless it has more to say than the time. */
const tailLength = 64;

/** Where a member stands among the wanted ones, and how the value goes on inside it. */
interface Part {
  readonly index: number;
  readonly path: FieldPath;
}

/** A line in its block; `head`: length of the part that tells the stream, undefined: it must be parsed. */
export interface RecordLine {
  readonly start: number;
  readonly end: number;
  readonly head?: number;
}

/** Notes the records of one stream. */
export class Noter {
  readonly #wanted: readonly Wanted[];
  readonly #places: Places;
  readonly #tenant: readonly Part[];
  readonly #key: readonly Part[];
  readonly #document: readonly Part[];
  readonly #time: readonly Part[];
  /** Lines of one tenant mostly come together: its name is kept once. */
  #lastTenant = '';

  constructor(stream: ConfiguredStream) {
    const { tenant, key, document, time } = fieldsOf(stream);
    const names: string[] = [];
    const partOf = (path: FieldPath): Part => {
      const [name = ''] = path;
      if (!names.includes(name)) names.push(name);
      return { index: names.indexOf(name), path };
    };
    this.#tenant = (tenant ? [tenant] : []).map(partOf);
    this.#key = key.map(partOf);
    this.#document = document.map(partOf);
    this.#time = time.map(partOf);
    this.#wanted = names.map(wantedMember);
    this.#places = placesFor(this.#wanted);
  }

  /** Undefined for a line that is no record: the destination rejects it. */
  note(block: Buffer, line: RecordLine): RecordNote | undefined {
    try {
      return this.#note(block, line);
    } catch {
      return undefined;
    }
  }

  #note(block: Buffer, { start, end, head }: RecordLine): RecordNote {
    const at = head === undefined ? -1 : dataAt(block, start + head);
    if (at >= 0 && findMembers(block, { at, end }, { wanted: this.#wanted, places: this.#places })) {
      const until = dataEnd(block, at, end);
      if (until > 0) return this.#noted(block.subarray(at, until), (part) => this.#found(block, part));
    }
    const data = dataOf(block.subarray(start, end));
    return this.#noted(Buffer.from(JSON.stringify(data)), ({ path }) => textOf(valueAt(data, path)));
  }

  #noted(bytes: Uint8Array, value: (part: Part) => string | undefined): RecordNote {
    const hash = hashOf(bytes);
    const key = this.#key.map(value);
    const tenant = first(this.#tenant, value) ?? '';
    if (tenant !== this.#lastTenant) this.#lastTenant = tenant;
    return {
      tenant: this.#lastTenant,
      key: key.some((part) => part !== undefined) ? key.join('/') : hash,
      document: first(this.#document, value),
      hash,
      time: first(this.#time, value),
    };
  }

  #found(block: Buffer, { index, path: [, ...inner] }: Part): string | undefined {
    const from = this.#places[index * 2] ?? -1;
    if (from < 0) return undefined;
    const to = this.#places[index * 2 + 1] ?? -1;
    if (inner.length === 0 && block[from] === quote) {
      const text = block.toString('latin1', from + 1, to - 1);
      if (plain.test(text)) return text;
    }
    return textOf(valueAt(JSON.parse(block.toString('utf8', from, to)), inner));
  }
}

const quote = 0x22;
const closeBrace = 0x7d;

/** ASCII without escapes, which is the same in every encoding. */
const plain = /^[ !#-[\]-~]*$/;

function first(parts: readonly Part[], value: (part: Part) => string | undefined): string | undefined {
  for (const part of parts) {
    const found = value(part);
    if (found) return found;
  }
  return undefined;
}

const hashOf = (bytes: Uint8Array): string =>
  oneShot('sha256', bytes, 'buffer').toString('hex', 0, hashDigits / 2);

function dataAt(block: Buffer, place: number): number {
  const end = place + dataMark.length;
  return block.compare(dataMark, 0, dataMark.length, place, end) === 0 ? end : -1;
}

/** Just before the last member of the envelope, or where the record's own braces close. */
function dataEnd(block: Buffer, at: number, end: number): number {
  const from = Math.max(at, end - tailLength);
  const tail = from + block.subarray(from, end).lastIndexOf(tailMark);
  return tail > from && block[tail - 1] === closeBrace ? tail : objectEnd(block, at, end);
}

function dataOf(line: Buffer): Readonly<Record<string, unknown>> {
  const message: unknown = JSON.parse(line.toString('utf8'));
  const record = isObject(message) && isObject(message.record) ? message.record : {};
  return isObject(record.data) ? record.data : {};
}

const valueAt = (data: unknown, path: FieldPath): unknown =>
  path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), data);

const textOf = (value: unknown): string | undefined =>
  value === null || value === undefined
    ? undefined
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
