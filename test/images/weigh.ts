// What an image weighs above its base, and how much of that is native.
import { command, startContainer } from './buildah.ts';

export interface Weight {
  /** Bytes of all files that the base does not have. */
  readonly aboveBase: number;
  /** Bytes of shared libraries and Node addons among them. */
  readonly native: number;
}

export async function weigh(image: string, base: string): Promise<Weight> {
  const [whole, without] = [await bytesIn(image), await bytesIn(base)];
  return { aboveBase: whole.all - without.all, native: whole.native - without.native };
}

async function bytesIn(image: string): Promise<{ readonly all: number; readonly native: number }> {
  const container = await startContainer(image);
  try {
    const files = await container.files();
    const [all = '0'] = (await command('du', ['-sb', '--one-file-system', files])).split('\t');
    const sizes = await command('find', [
      ...[files, '-type', 'f', '(', '-name', '*.so', '-o', '-name', '*.so.*', '-o', '-name', '*.node', ')'],
      ...['-printf', '%s\n'],
    ]);
    const native = sizes.split('\n').reduce((sum, size) => sum + Number(size), 0);
    return { all: Number(all), native };
  } finally {
    await container.remove();
  }
}
