// What every step of publishing is given, and how it says what it did.
import { type Context, type LogLevel, logMessage } from '@airbyte/cdk-typescript-shim';
import type { LookerApi } from '../api.ts';
import type { LoadedTable } from '../delivery.ts';
import type { Model } from '../model/index.ts';
import type { Config, LookerSettings, ModelSettings } from '../spec.ts';

export type { LoadedTable } from '../delivery.ts';

export interface Publication {
  readonly context: Context<Config>;
  readonly api: LookerApi;
  readonly looker: LookerSettings;
  readonly settings: ModelSettings;
  readonly loaded: readonly LoadedTable[];
}

/** A publication whose model is known. */
export interface Modelled extends Publication {
  readonly model: Model;
}

export const say = (
  { context }: Pick<Publication, 'context'>,
  level: LogLevel,
  message: string,
): Promise<void> => context.say(logMessage(level, message));

/** Sorts an unknown answer of the API into objects. */
export const objectsIn = (answer: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(answer)
    ? answer.filter((one): one is Record<string, unknown> => typeof one === 'object' && one !== null)
    : [];
