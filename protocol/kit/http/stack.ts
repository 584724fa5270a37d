// Composes layers around sending.
import type { Layer, Send } from './http.ts';

/**
 * One `Send` out of layers; the first listed is outermost. The order is the design: with
 * `[fail, retry, authorize, limit, timeout]` every retry re-authorises and pays the limiter.
 */
export function stack(layers: readonly Layer[], send: Send): Send {
  return layers.reduceRight((next, layer) => layer(next), send);
}
