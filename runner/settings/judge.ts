// The configurations of the connectors against their specs: what they would refuse, and what should be seen to.
import type { JsonSchema } from '@airbyte/cdk-typescript-shim';
import { isBroughtByLogin } from './consent.ts';
import type { PipelineSettings } from './contract.ts';
import type { Path, SettingsDocument } from './document.ts';
import type { Finding } from './findings.ts';
import { suggestion } from './nearest.ts';
import { secretPaths, specOf } from './specs.ts';
import type { ExpandedRun } from './tenants.ts';
import { type Tree, valueAt } from './trees.ts';
import { coerced, said } from './values.ts';
import { type Filled, isReference, isVaultReference } from './variables.ts';
import { type Validate, type Violation, validatorOf } from './violations.ts';

export interface Judged {
  readonly run: PipelineSettings;
  readonly warnings: readonly Finding[];
}

/** Compiles each spec once, however many runs there are. */
export function openJudge(
  document: SettingsDocument,
  filled: Filled,
): (expanded: ExpandedRun) => Promise<Judged> {
  const validators = new Map<string, Promise<Validate>>();
  const validatorFor = (connector: string, spec: JsonSchema): Promise<Validate> => {
    const known = validators.get(connector) ?? validatorOf(spec, { defaults: false });
    validators.set(connector, known);
    return known;
  };
  return async ({ run, placeIn }) => {
    const judged = async (end: 'source' | 'destination') => {
      const { connector, config } = run[end];
      const spec = specOf(connector);
      if (!spec) return { settings: run[end], problems: [], warnings: [] };
      const where = { place: (path: Path) => placeIn(end, path), filled };
      const validate = await validatorFor(connector, spec);
      const own = structuredClone(config) as Record<string, unknown>;
      const violations = coerced(validate, own, where).filter((violation) => concerns(violation, own));
      const findings = (kinds: readonly Violation['kind'][]) =>
        [...violations, ...unknownFields(spec, own)]
          .filter(({ kind }) => kinds.includes(kind))
          .map((violation) => findingOf(document, violation, where));
      return {
        settings: { connector, config: own },
        problems: findings(['wrong']),
        warnings: [
          ...findings(['missing', 'unknown']),
          ...clearSecrets(document, { schema: spec, value: own, place: where.place }),
        ],
      };
    };
    const [source, destination] = [await judged('source'), await judged('destination')];
    return {
      run: {
        ...{ ...run, source: source.settings, destination: destination.settings },
        problems: [...source.problems, ...destination.problems],
      },
      warnings: [...source.warnings, ...destination.warnings],
    };
  };
}

/** The vault may yet bring what is missing or stands for something else. */
const concerns = ({ kind, path }: Violation, config: Tree): boolean =>
  !isVaultReference(String(valueAt(config, path))) &&
  !(kind === 'missing' && isBroughtByLogin(path.join('.')));

interface Where {
  readonly place: (path: Path) => Path;
  readonly filled: Filled;
}

function findingOf(document: SettingsDocument, violation: Violation, { place, filled }: Where): Finding {
  const path = place(violation.path);
  const message = said(path, violation, filled);
  return violation.kind === 'unknown' ? document.atKey(path, message) : document.at(path, message);
}

/** Connectors pass over fields that they do not know; only those on top can be told from a choice's own. */
function unknownFields({ properties = {} }: JsonSchema, config: Tree): readonly Violation[] {
  const known = Object.keys(properties);
  return Object.keys(config)
    .filter((name) => !known.includes(name) && !name.startsWith('__'))
    .map((name) => ({ path: [name], kind: 'unknown', message: `is unknown: ${suggestion(name, known)}` }));
}

export interface ClearOptions {
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly place: (path: Path) => Path;
}

/** Secrets that stand in the file as they are. */
export function clearSecrets(
  document: SettingsDocument,
  { schema, value, place }: ClearOptions,
): readonly Finding[] {
  return secretPaths(schema).flatMap((path) => {
    const where = place(path);
    const written = valueAt(document.value, where);
    if (valueAt(value, path) === undefined || typeof written !== 'string' || written === '') return [];
    if (isReference(written)) return [];
    const message = `"${where.join('.')}" is a secret in the clear: write \${NAME} and export the variable, or vault:NAME`;
    return [document.at(where, message)];
  });
}
