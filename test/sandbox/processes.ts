// Processes of a run, to be killed: a runner's children by the program that they run.
import { execFileSync } from 'node:child_process';

/** Pids of a runner's children whose command line names the program. */
export function childrenOf(pid: number, program: string): readonly number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && args.join(' ').includes(program))
    .map(([child]) => Number(child));
}

/** SIGKILL, if it is still there. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself a moment ago.
  }
}
