// Fields of records that no column takes: named from the first few records, for the log.
import { type Declaration, isObject } from '@airbyte/cdk-typescript-shim';
import { isDeletionMark, type ObjectShape, recordShape } from './shape.ts';

const sampleLines = 100;
const mostNamed = 30;

/** The undeclared fields in the first lines of a stream, e.g. `Contact.Rating` and `LineItems[].Colour`. */
export function undeclaredFields(declaration: Declaration, bytes: Uint8Array): readonly string[] {
  const shape = recordShape(declaration);
  if (shape.members.length === 0) return [];
  const found = new Set<string>();
  let start = 0;
  for (let count = 0; count < sampleLines && start < bytes.length; count += 1) {
    const lineEnd = bytes.indexOf(0x0a, start);
    const end = lineEnd === -1 ? bytes.length : lineEnd;
    const data = recordOf(declaration, Buffer.from(bytes.subarray(start, end)).toString('utf8'));
    if (data) gather(shape, data, { above: '', found });
    start = end + 1;
  }
  return [...found].filter((name) => !isDeletionMark(declaration, name)).slice(0, mostNamed);
}

function recordOf({ envelope }: Declaration, line: string): Record<string, unknown> | undefined {
  try {
    const message: unknown = JSON.parse(line);
    const record = isObject(message) ? message.record : undefined;
    const data = envelope === 'singer' ? record : isObject(record) ? record.data : undefined;
    return isObject(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

interface Gathering {
  readonly above: string;
  readonly found: Set<string>;
}

function gather(shape: ObjectShape, value: Record<string, unknown>, { above, found }: Gathering): void {
  const members = new Map(shape.members.map((member) => [member.name, member.shape]));
  for (const [name, inner] of Object.entries(value)) {
    const member = members.get(name);
    if (!member) {
      found.add(`${above}${name}`);
    } else if (member.kind === 'object' && isObject(inner)) {
      gather(member, inner, { above: `${above}${name}.`, found });
    } else if (member.kind === 'rows' && Array.isArray(inner)) {
      for (const entry of inner)
        if (isObject(entry)) gather(member.element, entry, { above: `${above}${name}[].`, found });
    }
  }
}
