// Reads ledgerpipe.yaml: from text to settings, or to one message with everything that is wrong in it.
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { configError, isObject } from '@airbyte/cdk-typescript-shim';
import { checkFile } from './checks.ts';
import type { PipelineSettings, Settings } from './contract.ts';
import { type Path, readDocument, type SettingsDocument } from './document.ts';
import { byPlace, type Finding, refusal } from './findings.ts';
import { clearSecrets, openJudge } from './judge.ts';
import { settingsSchema } from './schema.ts';
import { sharedConsents } from './shared-consents.ts';
import { expand, type WrittenPipeline } from './tenants.ts';
import { coerced, said } from './values.ts';
import { type Environment, type Filled, fill, isReference } from './variables.ts';
import { type Validate, validatorOf } from './violations.ts';

/** The file with its defaults, once it is known to satisfy the schema. */
type Written = Omit<Settings, 'file' | 'folder' | 'pipelines' | 'warnings' | 'reconcile'> & {
  readonly folder?: string;
  readonly reconcile: { readonly enabled: boolean; readonly cron: string; readonly timezone: string };
  readonly pipelines: Readonly<Record<string, WrittenPipeline>>;
};

/**
 * Reads and checks the file; `environment` fills the ${NAMES} in it. Throws a config error that lists everything that
 * is wrong with line and column. What a connector would refuse is kept with its run: the others can go on.
 */
export async function readSettings(file: string, environment: Environment): Promise<Settings> {
  const document = readDocument(await textOf(file));
  if (document.errors.length > 0) throw refusal(file, document.errors);
  if (document.value === null || document.value === undefined)
    throw configError(`Cannot use "${file}": it is empty, make one with "ledgerpipe init"`);
  const filled = fill(document.value, environment);
  const errors = await errorsIn(document, filled);
  if (errors.length > 0) throw refusal(file, errors);
  return await settingsOf(file, { document, filled });
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'there is no such file, make one with "ledgerpipe init"'
        : `it cannot be read (${code}), give the program access to it`;
    throw configError(`Cannot read "${file}": ${why}`);
  }
}

/** Compiled once: it takes longer than all the rest. */
let ownValidator: Promise<Validate> | undefined;

const here = (path: Path): Path => path;

async function errorsIn(document: SettingsDocument, filled: Filled): Promise<readonly Finding[]> {
  const { value, missing } = filled;
  if (!isObject(value))
    return [document.at([], 'the file is not a list of settings: begin with "pipelines:"')];
  ownValidator ??= validatorOf(settingsSchema, { defaults: true });
  const validate = await ownValidator;
  const breaches = coerced(validate, value, { filled, place: here }).map((violation) => {
    const message = said(violation.path, violation, filled);
    return violation.kind === 'unknown'
      ? document.atKey(violation.path, message)
      : document.at(violation.path, message);
  });
  const unset = missing.map(({ path, name }) =>
    document.at(path, `the environment variable "${name}" is not set, export it first`),
  );
  return [...breaches, ...unset, ...checkFile(document, value)];
}

interface Read {
  readonly document: SettingsDocument;
  readonly filled: Filled;
}

async function settingsOf(file: string, { document, filled }: Read): Promise<Settings> {
  const written = filled.value as Written;
  const { folder, key_file: keyFile, http, reconcile, pipelines: _, ...rest } = written;
  const home = dirname(resolve(file));
  const judge = openJudge(document, filled);
  const pipelines: Record<string, PipelineSettings> = {};
  const warnings: Finding[] = [
    ...clearSecrets(document, { schema: settingsSchema, value: written, place: here }),
    ...clearPassword(document),
  ];
  for (const [base, pipeline] of Object.entries(written.pipelines))
    for (const expanded of expand(base, pipeline)) {
      const { run, warnings: found } = await judge(expanded);
      pipelines[run.name] = run;
      warnings.push(...found);
    }
  warnings.push(...sharedConsents(document, Object.values(pipelines)));
  return {
    ...rest,
    file: resolve(file),
    ...storeOf(written.store, home),
    ...(folder ? { folder: resolve(home, folder) } : {}),
    ...(keyFile ? { key_file: resolve(home, keyFile) } : {}),
    http: { ...http, ...(http.public_url ? { public_url: http.public_url.replace(/\/+$/, '') } : {}) },
    ...(reconcile.enabled ? { reconcile: { cron: reconcile.cron, timezone: reconcile.timezone } } : {}),
    pipelines,
    warnings: distinct(warnings),
  };
}

const storeFile = 'ledgerpipe.db';

/** A folder holds the database and what runs need on disk; beside a server, `.ledgerpipe` is that folder. */
function storeOf(written: string, home: string): Pick<Settings, 'store' | 'folder'> {
  if (/^postgres(ql)?:/.test(written)) return { store: written, folder: join(home, '.ledgerpipe') };
  const path = resolve(home, written.replace(/^sqlite:(\/\/(?=\/))?/, ''));
  if (/\.(db|sqlite3?)$/.test(path)) return { store: path, folder: dirname(path) };
  return { store: join(path, storeFile), folder: path };
}

function clearPassword(document: SettingsDocument): readonly Finding[] {
  const { store } = isObject(document.value) ? document.value : {};
  if (typeof store !== 'string' || isReference(store) || !/^postgres(ql)?:\/\/[^/@]*:[^/@]+@/.test(store))
    return [];
  const message = `"store" has a password in the clear: write \${NAME} in its place and export the variable`;
  return [document.at(['store'], message)];
}

/** Once each, though every tenant of a pipeline has it; in the order of the file. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const byText = new Map(
    findings.map((finding) => [`${finding.line}:${finding.column}:${finding.message}`, finding]),
  );
  return [...byText.values()].sort(byPlace);
}
