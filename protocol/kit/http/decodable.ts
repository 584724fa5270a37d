// Reads JSON bodies inside `retry`, so that a cut one is asked for again.
import type { Layer } from './http.ts';

export function decodable(): Layer {
  throw new Error('in progress');
}
