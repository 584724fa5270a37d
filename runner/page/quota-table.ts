// What sources said is left of their limits.
import type { Quota } from '../store/index.ts';
import { figure, pipelineLink } from './figures.ts';
import { type Html, html } from './html.ts';
import { table } from './table.ts';
import { moment } from './times.ts';

export const quotaTable = (quotas: readonly Quota[], now: number): Html =>
  table(
    [
      { name: 'Tenant' },
      { name: 'Pipeline' },
      { name: 'Limit' },
      { name: 'Calls left', figures: true },
      { name: 'Said' },
    ],
    quotas.map(({ tenant, pipeline, limit, left, at }) => [
      tenant,
      html`<a href="${pipelineLink(pipeline)}">${pipeline}</a>`,
      `per ${limit}`,
      left <= 0 ? html`<strong class="bad-text">${figure(left)}</strong>` : figure(left),
      moment(at, now),
    ]),
    { label: 'Quota left', empty: 'No source has told of its limits yet.' },
  );

/** The scarcest first. */
export const byScarcity = (quotas: readonly Quota[]): readonly Quota[] =>
  quotas.toSorted((one, other) => one.left - other.left);
