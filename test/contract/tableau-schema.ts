// Tableau's own XML schemas as one: the whole of 3.0, in which the types that the 3.29 excerpt has replace their elders.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XmlDocument, XmlElement, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import { specsAreThere } from './specs.ts';

const whole = 'ts-api_3_0.xsd';
const recent = 'ts-api_3_29.excerpt.xsd';

/** Named in the excerpt's types, but in neither file. */
const unnamed = ['locationType', 'extractCreationJobType', 'virtualConnectionType', 'groupSetType'];

const schemaSpace = { xs: 'http://www.w3.org/2001/XMLSchema' };

/** What the schema says against a body, one line each; empty when it is valid. */
export type Check = (xml: string) => string[];

/** Opens the check; `close` frees it. Needs SPECS_DIR. */
export function openSchema(): { check: Check; close(): void } {
  const document = XmlDocument.fromString(merged());
  const validator = XsdValidator.fromDoc(document);
  return {
    check: (xml) => {
      const body = XmlDocument.fromString(xml);
      try {
        validator.validate(body);
        return [];
      } catch (error) {
        if (!(error instanceof XmlValidateError)) throw error;
        return error.details.map(({ message }) => message.replaceAll('{http://tableau.com/api}', '').trim());
      } finally {
        body.dispose();
      }
    },
    close: () => {
      validator.dispose();
      document.dispose();
    },
  };
}

function merged(): string {
  const base = readSchema(whole);
  const newer = new Map(typesOf(readSchema(recent)));
  const kept = typesOf(base).filter(([name]) => !newer.has(name));
  const elements = base.find('/xs:schema/xs:element | /xs:schema/xs:group', schemaSpace).map(String);
  const empty = unnamed.map((name) => `<xs:complexType name="${name}"/>`);
  const parts = [...elements, ...kept.map(([, text]) => text), ...newer.values(), ...empty];
  return `<xs:schema xmlns="http://tableau.com/api" xmlns:xs="${schemaSpace.xs}" targetNamespace="http://tableau.com/api" elementFormDefault="qualified">${parts.join('')}</xs:schema>`;
}

function readSchema(name: string): XmlDocument {
  const file = join(process.env.SPECS_DIR ?? '', name);
  if (!specsAreThere || !existsSync(file))
    throw new Error(`Cannot read "${name}": SPECS_DIR does not hold it`);
  return XmlDocument.fromString(readFileSync(file, 'utf8'));
}

/** Every named type with its text. */
function typesOf(schema: XmlDocument): [string, string][] {
  return schema
    .find('/xs:schema/xs:complexType | /xs:schema/xs:simpleType', schemaSpace)
    .flatMap((node): [string, string][] =>
      node instanceof XmlElement ? [[node.attr('name')?.value ?? '', node.toString()]] : [],
    );
}
