// HTML as a tagged template: whatever is put in is escaped, unless it is HTML that was made the same way.

const markup: unique symbol = Symbol('markup');

/** HTML that is safe to send: only `html` makes it. */
export interface Html {
  readonly [markup]: string;
}

/** What a template takes: text and numbers are escaped, lists are joined, `undefined` and `false` leave nothing. */
export type Piece = Html | string | number | undefined | false | readonly Piece[];

/** Values belong between tags or into attributes in double quotes; never into scripts, styles or names. */
export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  const parts = texts.flatMap((text, index) => [text, written(pieces[index])]);
  return { [markup]: parts.join('') };
}

export const textOf = (made: Html): string => made[markup];

function written(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (typeof piece === 'string') return escaped(piece);
  if (typeof piece === 'number') return String(piece);
  return isHtml(piece) ? piece[markup] : piece.map(written).join('');
}

const isHtml = (piece: Html | readonly Piece[]): piece is Html => markup in piece;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
