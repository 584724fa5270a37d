// Upload sessions: chunks of at most 64 MB, in order or numbered, committed once (tableau.md 2.1).
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '@airbyte/cdk-typescript-shim/kit';
import { ApiFailure, badRequest } from './errors.ts';
import type { Site, User } from './model.ts';
import type { Switches } from './switches.ts';

export const megabyte = 1_048_576;

/** Bytes of one chunk, and of a publish in a single request. */
export const chunkCap = 64 * megabyte;

const mostBlocks = 1_000;

/** An idle session is forgotten after about a day. */
const idleLife = 24 * 3_600_000;

export interface Upload {
  readonly id: string;
  readonly site: Site;
  readonly user: User;
  readonly path: string;
  bytes: number;
  blocks: number;
  touchedAt: number;
  /** Sizes of the numbered blocks that lie beside the file; none when chunks came in order. */
  readonly numbered: Map<number, number>;
}

export class Uploads {
  readonly #open = new Map<string, Upload>();
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #switches: Switches;
  #count = 0;

  constructor(directory: string, { clock, switches }: { clock: Clock; switches: Switches }) {
    this.#directory = directory;
    this.#clock = clock;
    this.#switches = switches;
  }

  async start(site: Site, user: User): Promise<Upload> {
    this.#count += 1;
    const number = this.#count;
    await mkdir(this.#directory, { recursive: true });
    const upload: Upload = {
      id: `${7_000 + number}:${randomBytes(16).toString('hex')}-${number}:0`,
      site,
      user,
      path: join(this.#directory, `upload-${number}`),
      bytes: 0,
      blocks: 0,
      touchedAt: this.#clock.now(),
      numbered: new Map(),
    };
    this.#open.set(upload.id, upload);
    return upload;
  }

  /** Unknown, expired, committed, of another site or user: 404. */
  find(id: string, site: Site, user: User): Upload {
    const upload = this.#open.get(id);
    const known = upload && upload.site === site && upload.user === user;
    if (!known || this.#clock.now() - upload.touchedAt > idleLife)
      throw new ApiFailure(404015, `The upload session "${id}" could not be found.`);
    return upload;
  }

  async add(upload: Upload, chunk: Buffer, sequence: number | undefined): Promise<void> {
    if (chunk.length > chunkCap)
      throw new ApiFailure(
        this.#switches.tooLargeCode,
        `A chunk may hold 64 MB, this one has ${chunk.length} bytes`,
      );
    if (upload.blocks >= mostBlocks) throw badRequest(400000, `An upload takes ${mostBlocks} blocks at most`);
    if (upload.blocks > 0 && (sequence !== undefined) !== upload.numbered.size > 0)
      throw badRequest(400000, 'The chunks of an upload have all a sequenceID, or none');
    if (sequence === undefined) await appendFile(upload.path, chunk);
    else {
      this.#checkSequence(sequence);
      if (upload.numbered.has(sequence)) throw badRequest(400000, `Block ${sequence} was sent before`);
      upload.numbered.set(sequence, chunk.length);
      await writeFile(`${upload.path}.${sequence}`, chunk);
    }
    upload.blocks += 1;
    upload.bytes += chunk.length;
    upload.touchedAt = this.#clock.now();
  }

  /** Moves the whole file to `path`; the session is gone. A missing block is a broken file. */
  async commit(upload: Upload, path: string): Promise<void> {
    if (this.#switches.uploadConsumed) this.#open.delete(upload.id);
    if (upload.bytes === 0) throw badRequest(400020, 'The upload session holds no data');
    const first = this.#switches.firstSequence;
    const blocks = [...upload.numbered.keys()].sort((left, right) => left - right);
    const missing = blocks.findIndex((block, index) => block !== index + first);
    if (missing >= 0) throw badRequest(400020, `Block ${missing + first} of the upload session is missing`);
    if (blocks.length === 0) {
      if (this.#switches.uploadConsumed) await rename(upload.path, path);
      else await pipeline(createReadStream(upload.path), createWriteStream(path));
      return;
    }
    for (const [index, block] of blocks.entries()) {
      const flags = index === 0 ? 'w' : 'a';
      await pipeline(createReadStream(`${upload.path}.${block}`), createWriteStream(path, { flags }));
      if (this.#switches.uploadConsumed) await rm(`${upload.path}.${block}`);
    }
  }

  #checkSequence(sequence: number): void {
    const first = this.#switches.firstSequence;
    if (!Number.isInteger(sequence) || sequence < first || sequence >= mostBlocks + first)
      throw badRequest(400000, `sequenceID runs from ${first} to ${mostBlocks + first - 1}`);
  }
}
