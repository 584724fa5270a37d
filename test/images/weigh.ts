// What images weigh above their base, and how much of that is native.
import { command, startContainer } from './buildah.ts';

export interface Weight {
  /** Bytes of all files that the base does not have. */
  readonly aboveBase: number;
  /** Bytes of shared libraries, Node addons and Tableau's server among them. */
  readonly native: number;
}

export async function weigh(images: Iterable<string>, base: string): Promise<ReadonlyMap<string, Weight>> {
  const without = await bytesIn(base);
  const weights = new Map<string, Weight>();
  for (const image of images) {
    const whole = await bytesIn(image);
    weights.set(image, { aboveBase: whole.all - without.all, native: whole.native - without.native });
  }
  return weights;
}

async function bytesIn(image: string): Promise<{ readonly all: number; readonly native: number }> {
  const container = await startContainer(image);
  try {
    const files = await container.files();
    const [all = '0'] = (await command('du', ['-sb', '--one-file-system', files])).split('\t');
    const sizes = await command('find', [
      ...[files, '-type', 'f', '(', '-name', '*.so', '-o', '-name', '*.so.*', '-o', '-name', '*.node'],
      ...['-o', '-name', 'hyperd', ')'],
      ...['-printf', '%s\n'],
    ]);
    const native = sizes.split('\n').reduce((sum, size) => sum + Number(size), 0);
    return { all: Number(all), native };
  } finally {
    await container.remove();
  }
}
