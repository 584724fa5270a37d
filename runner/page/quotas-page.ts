// What is left of every limit that a source told of.
import type { Quota } from '../store/index.ts';
import { linkTo } from './figures.ts';
import { html } from './html.ts';
import type { Page } from './layout.ts';
import { type Paged, pager } from './pager.ts';
import { quotaTable } from './quota-table.ts';
import type { Visit } from './visit.ts';

export const quotasOfPage = 100;

export const quotasPage = (quotas: Paged<Quota>, { now }: Visit): Page => ({
  title: 'Quota left',
  section: 'quotas',
  content: html`<p>As the sources last told, the scarcest first. A spent quota is waited for: jobs go on when it is there again.</p>
<div id="quotas" data-fresh>
${quotaTable(quotas.rows, now)}
${pager(quotas, { of: 'quotas', link: (page) => linkTo('/quotas', { page }) })}
</div>`,
});
