// Collects the JSON of many records as bytes: strings built from thousands of pieces are flattened while still young.

export class Sink {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  add(text: string): void {
    // UTF-8 needs three bytes per UTF-16 unit at most.
    const need = this.#length + text.length * 3;
    if (need > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}
