// How soon a bundled connector answers `spec`, against an empty Node process.
import { spawnSync } from 'node:child_process';

/** Median milliseconds of `runs` starts of `node` with these arguments. */
export function medianStart(args: readonly string[], runs = 9): number {
  const times = Array.from({ length: runs }, () => {
    const began = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    if (status !== 0) throw new Error(`node ${args.join(' ')} failed: ${stderr}`);
    return performance.now() - began;
  });
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}
