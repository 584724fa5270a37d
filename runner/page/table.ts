// A table that scrolls in a box of its own, so that a small screen never scrolls sideways as a whole.
import { type Html, html, type Piece } from './html.ts';

export interface Column {
  readonly name: string;
  /** Figures stand right. */
  readonly figures?: boolean;
}

export interface TableText {
  /** What a screen reader calls it. */
  readonly label: string;
  /** Said instead when there are no rows. */
  readonly empty: Piece;
}

/** The first cell of a row is its heading. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Piece[])[],
  { label, empty }: TableText,
): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  const look = (index: number) => columns[index]?.figures === true && html` class="figures"`;
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${columns.map(({ name }, index) => html`<th scope="col"${look(index)}>${name}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([first, ...rest]) => html`<tr><th scope="row"${look(0)}>${first}</th>${rest.map(
    (cell, index) => html`<td${look(index + 1)}>${cell}</td>`,
  )}</tr>
`,
)}</tbody>
</table></div>`;
}
