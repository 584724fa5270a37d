// Points in time as the page writes them: how long ago in words, and the instant in UTC.
import { type Html, html } from './html.ts';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** Above so many of a unit the next larger one is told: 100 minutes, but 2 hours. */
const enough: Readonly<Record<string, number>> = { day: 2, hour: 2, minute: 2, second: 0 };

/** `5 minutes ago`, `in 3 hours`, `just now`. */
export function inWords(at: number, now: number): string {
  const distance = at - now;
  for (const [unit, milliseconds] of units) {
    const count = Math.round(distance / milliseconds);
    if (count !== 0 && Math.abs(count) >= (enough[unit] ?? 0)) return relative.format(count, unit);
  }
  return 'just now';
}

/** `2026-11-20 15:46:10 UTC` */
export const utc = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** In words alone, where the instant stands elsewhere or matters little. */
export const ago = (at: number, now: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${inWords(at, now)}</time>`;

/** In words, with the instant below it. */
export const moment = (at: number, now: number): Html =>
  html`<time datetime="${new Date(at).toISOString()}">${inWords(at, now)} <small>${utc(at)}</small></time>`;

/** `2 d 3 h`, `3 h 5 min`, `5 min 2 s`, `2 s`. */
export function lasting(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
