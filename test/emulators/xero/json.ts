// Writing JSON text directly: Xero sends decimals with fixed places (40.00), which JSON.stringify cannot.

/** A JSON string. */
export const text = (value: string): string => JSON.stringify(value);

/** Cents as 40.00. */
export function money(cents: number): string {
  const size = Math.abs(cents);
  const whole = Math.floor(size / 100);
  const rest = size - whole * 100;
  return `${cents < 0 ? '-' : ''}${whole}.${rest < 10 ? '0' : ''}${rest}`;
}

/** 1/10000 as 1.0000. */
export function four(value: number): string {
  const size = Math.abs(value);
  const whole = Math.floor(size / 10_000);
  return `${value < 0 ? '-' : ''}${whole}.${String(size - whole * 10_000).padStart(4, '0')}`;
}

/** A unit price (1/10000) with two places, rounded, or with four. */
export function unitPrice(value: number, places: 2 | 4): string {
  return places === 4 ? four(value) : money(Math.round(value / 100));
}

/** Millionths as 0.607218. */
export function six(value: number): string {
  const whole = Math.floor(value / 1_000_000);
  return `${whole}.${String(value - whole * 1_000_000).padStart(6, '0')}`;
}

/** Hundredths of a percent as 15.0000. */
export const percent = (value: number): string => four(value * 100);

export const list = <T>(rows: readonly T[], render: (row: T) => string): string =>
  `[${rows.map(render).join(',')}]`;

/** A JSON object of the members that are there: undefined ones are left out. Written for speed: pages hold 100,000 members. */
export function object(members: Readonly<Record<string, string | undefined>>): string {
  let json = '';
  for (const name in members) {
    const value = members[name];
    if (value !== undefined) json += `${json === '' ? '{' : ','}"${name}":${value}`;
  }
  return json === '' ? '{}' : `${json}}`;
}

/** Lays JSON text out with two spaces and CRLF, touching no value. */
export function prettyCrlf(json: string): string {
  const out: string[] = [];
  let depth = 0;
  let opened = false;
  const newline = (): string => `\r\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^[\]{},:"]+/g)) {
    if (token === '{' || token === '[') {
      depth += 1;
      out.push(token, newline());
    } else if (token === '}' || token === ']') {
      depth -= 1;
      // An empty list or object stays on one line.
      if (opened) out.pop();
      else out.push(newline());
      out.push(token);
    } else if (token === ',') out.push(token, newline());
    else out.push(token === ':' ? ': ' : token);
    opened = token === '{' || token === '[';
  }
  return out.join('');
}

/** The XML form of an answer: what Xero sends when the client does not ask for JSON. */
export function toXml(json: string, root: string): string {
  const value: unknown = JSON.parse(json);
  return `<${root} xmlns:i="http://www.w3.org/2001/XMLSchema-instance">${xmlOf(value, root)}</${root}>`;
}

function xmlOf(value: unknown, name: string): string {
  if (Array.isArray(value))
    return value
      .map((one) => `<${singular(name)}>${xmlOf(one, singular(name))}</${singular(name)}>`)
      .join('');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, member]) => `<${key}>${xmlOf(member, key)}</${key}>`)
      .join('');
  const plain = String(value ?? '').replace(/^\/Date\((-?\d+)(?:\+0000)?\)\/$/, (_, at) =>
    new Date(Number(at)).toISOString().slice(0, 23),
  );
  return plain.replace(/[&<>]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}

function singular(name: string): string {
  if (name.endsWith('ies')) return `${name.slice(0, -3)}y`;
  if (name.endsWith('sses')) return name.slice(0, -2);
  return name.endsWith('s') ? name.slice(0, -1) : `${name}Item`;
}
