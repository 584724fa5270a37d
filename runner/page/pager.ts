// Links to the pages of a long list.
import { figure } from './figures.ts';
import { type Html, html } from './html.ts';

export interface Paged<Row> {
  readonly rows: readonly Row[];
  /** From 1. */
  readonly page: number;
  readonly pages: number;
}

/** The rows of a page; of one beyond the end, the last. */
export function pageOf<Row>(all: readonly Row[], page: number, size: number): Paged<Row> {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const shown = Math.min(page, pages);
  return { rows: all.slice((shown - 1) * size, shown * size), page: shown, pages };
}

/** `of` says what is paged: several pagers of a page are told apart by it. */
export function pager(
  { page, pages }: Pick<Paged<unknown>, 'page' | 'pages'>,
  { of, link }: { readonly of: string; readonly link: (page: number) => string },
): Html | undefined {
  if (pages <= 1) return undefined;
  return html`<nav class="pager" aria-label="Pages of ${of}">
${page > 1 && html`<a rel="prev" href="${link(page - 1)}">← Previous</a>`}
<span>Page ${figure(page)} of ${figure(pages)}</span>
${page < pages && html`<a rel="next" href="${link(page + 1)}">Next →</a>`}
</nav>`;
}
