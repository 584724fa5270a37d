// Request bodies, XML or JSON, into one kind of tree.
import { XmlDocument, XmlElement, XmlParseError } from 'libxml2-wasm';
import { badRequest } from './errors.ts';
import type { Input } from './tree.ts';

/** The content of `tsRequest`, or of the JSON object; an empty body is an empty request. */
export function readBody(body: Buffer, contentType: string | undefined): Input {
  if (body.length === 0) return {};
  if (/^application\/json/i.test(contentType ?? '')) return readJson(body);
  return readXml(body);
}

export function readJson(body: Buffer): Input {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Input;
  } catch {
    // Falls through to the refusal.
  }
  throw badRequest(400000, 'The JSON of the request is not an object, or malformed');
}

/** With or without the namespace: the Python client sends none. */
export function readXml(body: Buffer): Input {
  let document: XmlDocument;
  try {
    document = XmlDocument.fromBuffer(body);
  } catch (error) {
    if (!(error instanceof XmlParseError)) throw error;
    throw badRequest(400000, `Payload is either malformed or incomplete: ${error.message.trim()}`);
  }
  try {
    if (document.root.name !== 'tsRequest')
      throw badRequest(400003, `Payload must start with tsRequest, not ${document.root.name}`);
    return elementOf(document.root);
  } finally {
    document.dispose();
  }
}

function elementOf(element: XmlElement): Input {
  const result: Record<string, unknown> = {};
  for (const attribute of element.attrs)
    if (attribute.prefix !== 'xsi') result[attribute.name] = attribute.value;
  for (let child = element.firstChild; child; child = child.next) {
    if (!(child instanceof XmlElement)) continue;
    const value = isLeaf(child) ? child.content : elementOf(child);
    const before = result[child.name];
    if (before === undefined) result[child.name] = value;
    else result[child.name] = Array.isArray(before) ? [...before, value] : [before, value];
  }
  return result;
}

/** Text alone: `<jobType>x</jobType>`; an element without anything is a tree without anything. */
function isLeaf(element: XmlElement): boolean {
  if (element.attrs.length > 0) return false;
  for (let child = element.firstChild; child; child = child.next)
    if (child instanceof XmlElement) return false;
  return element.content.trim() !== '';
}
