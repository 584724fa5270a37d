// The XML form of answers: what QuickBooks sends to clients that do not ask for JSON.

/** Turns the JSON text of an answer into an IntuitResponse document. */
export function toXml(json: string): string {
  const value: unknown = JSON.parse(json);
  const { time, ...members } =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const at = time === undefined ? '' : ` time="${escaped(String(time))}"`;
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3"${at}>${children(members)}</IntuitResponse>`;
}

function children(members: Record<string, unknown>): string {
  return Object.entries(members)
    .map(([name, value]) => element(name, value))
    .join('');
}

function element(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => element(name, one)).join('');
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return `<${name}>${escaped(String(value))}</${name}>`;
  const members = value as Record<string, unknown>;
  // References keep their name in an attribute.
  if (name.endsWith('Ref') && 'value' in members) {
    const title = members.name === undefined ? '' : ` name="${escaped(String(members.name))}"`;
    return `<${name}${title}>${escaped(String(members.value))}</${name}>`;
  }
  return `<${name}>${children(members)}</${name}>`;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
