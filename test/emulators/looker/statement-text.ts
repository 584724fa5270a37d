// Reads SQL text just far enough to tell statements, literals and comments apart.

/** E'...' (with backslashes) before its letter is taken for a plain character; then literals, names, comments, $tags$. */
const TOKEN =
  /\b[Ee]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|\w+|[\s\S]/g;

/** The statements of a text, parted by `;` outside literals, quoted names and comments; empty ones left out. */
export function statementsIn(sql: string): string[] {
  const statements: string[] = [''];
  for (const [token] of sql.matchAll(TOKEN)) {
    if (token === ';') statements.push('');
    else statements[statements.length - 1] += token;
  }
  return statements.filter((statement) => withoutComments(statement).trim() !== '');
}

/** The text without comments; literals stay. */
export const withoutComments = (sql: string): string =>
  [...sql.matchAll(TOKEN)].map(([token]) => (/^(--|\/\*)/.test(token) ? ' ' : token)).join('');
