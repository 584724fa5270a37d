// Hides credentials in what servers send back: some repeat the request in their error pages.

/** The text with Bearer and Basic credentials, and the fields that hold secrets in OAuth, replaced. */
export function scrubbed(text: string): string {
  return text
    .replace(/\b(Bearer|Basic)(\s+|%20|\+)[\w.~+/=-]{8,}/gi, '$1 [hidden]')
    .replace(
      /\b((?:refresh|access|id)_token|client_secret|password)(["']?\s*[=:]\s*["']?)[^\s&"'<]+/gi,
      '$1$2[hidden]',
    );
}
