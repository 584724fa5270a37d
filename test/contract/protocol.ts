// Judges messages by the official schema of the Airbyte protocol and by ours.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '@airbyte/cdk-typescript-shim';
import ajvModule, { type ValidateFunction } from 'ajv';
import formatsModule from 'ajv-formats';
import { expect } from 'vitest';
import { readSpec, specsAreThere } from './specs.ts';

const Ajv = ajvModule.default;
const folder = join(import.meta.dirname, '../../protocol/schema');

function ours(): ValidateFunction {
  const ajv = new Ajv({ strict: false });
  formatsModule.default(ajv);
  for (const file of readdirSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  return required(ajv.getSchema('https://ledgerpipe.dev/protocol/message.json'));
}

function official(): ValidateFunction {
  const ajv = new Ajv({ strict: false });
  formatsModule.default(ajv);
  ajv.addSchema(readSpec('airbyte_protocol.yaml') as object, 'protocol');
  return required(ajv.getSchema('protocol#/definitions/AirbyteMessage'));
}

function required(validate: ValidateFunction | undefined): ValidateFunction {
  if (!validate) throw new Error('The schema has no message definition');
  return validate;
}

const judges = [ours(), ...(specsAreThere ? [official()] : [])];

/** Fails the running test with the first message that a schema refuses. */
export function expectValid(messages: readonly Message[]): void {
  for (const message of messages)
    for (const judge of judges)
      if (!judge(message))
        expect.fail(`${JSON.stringify(message).slice(0, 400)}: ${JSON.stringify(judge.errors)}`);
}
