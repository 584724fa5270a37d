// A state in a word and a sign: colour never says it alone.
import type { AuditRow, JobState } from '../store/index.ts';
import { type Html, html } from './html.ts';
import type { Condition } from './standing.ts';

type Named = Condition | JobState | AuditRow['outcome'];

const looks: Readonly<Record<Named, readonly ['good' | 'busy' | 'idle' | 'warn' | 'bad', string]>> = {
  ok: ['good', '✓'],
  done: ['good', '✓'],
  delivered: ['good', '✓'],
  running: ['busy', '▶'],
  waiting: ['idle', '◷'],
  'never run': ['idle', '–'],
  retrying: ['warn', '↻'],
  rejected: ['warn', '!'],
  parked: ['bad', '‖'],
  failed: ['bad', '✕'],
  'cannot start': ['bad', '✕'],
};

export function badge(name: Named): Html {
  const [look, sign] = looks[name];
  return html`<span class="badge ${look}"><span aria-hidden="true">${sign}</span> ${name}</span>`;
}
