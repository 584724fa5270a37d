// What operators copy fits together: names that are referred to exist, variables are given, pipelines are valid.
import { execFile, execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parseAllDocuments, parseDocument } from 'yaml';
import { connectors } from '../../runner/registry.ts';
import { temporaryFolder } from '../program.ts';
import {
  checkedPipelines,
  deploy,
  deployText,
  deployYaml,
  secretsIn,
  variablesOf,
  yamlFiles,
} from './deploy-files.ts';

const start = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

const isThere = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const runnerVersion = async (): Promise<string> => {
  const text = await readFile(join(root, 'runner/package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
};

test.each(yamlFiles)(
  '%s is YAML without errors, warnings or doubled keys, and says what it is for',
  async (path) => {
    const text = await deployText(path);
    expect(text).toMatch(/^# \S.{20,}/);
    for (const document of parseAllDocuments(text)) {
      expect(document).toMatchObject({ errors: [], warnings: [] });
      expect(document.toJS()).toEqual(expect.any(Object));
    }
  },
);

interface Compose {
  readonly services: {
    readonly sync: {
      readonly image: string;
      readonly command: readonly string[];
      readonly env_file: readonly string[];
      readonly volumes: readonly string[];
    };
  };
  readonly volumes: Readonly<Record<string, null>>;
}

test('compose gives the runner a valid pipeline, its variables, and a place for all that it keeps', async () => {
  const { services, volumes } = await deployYaml<Compose>('compose/compose.yaml');
  const { image, command, env_file, volumes: mounts } = services.sync;
  expect(image).toBe(`ledgerpipe/ledgerpipe:${await runnerVersion()}`);
  expect(env_file).toEqual(['.env']);
  const given = [...(await deployText('compose/.env.example')).matchAll(/^(\w+)=/gm)].map(
    ([, name = '']) => name,
  );
  expect(variablesOf(await deployText('compose/ledgerpipe.yaml'))).toEqual(given);

  const settings = await checkedPipelines('compose/ledgerpipe.yaml', given);
  expect(command).toEqual(['sync', expect.any(String), '--file', '/etc/ledgerpipe/ledgerpipe.yaml']);
  const pipeline = settings.pipelines[command[1] ?? ''];
  expect(mounts).toContain('./ledgerpipe.yaml:/etc/ledgerpipe/ledgerpipe.yaml:ro');
  const kept = mounts.map((mount) => mount.split(':')).find(([name = '']) => name in volumes);
  expect(pipeline).toBeDefined();
  const stores = Object.values(settings.pipelines).map(({ source }) => source.config.token_store);
  expect(new Set(stores).size).toBe(stores.length);
  for (const path of [settings.store, ...stores]) expect(path).toMatch(new RegExp(`^${kept?.[1]}/`));
});

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly image: string;
    readonly args: readonly string[];
    readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly {
    readonly name: string;
    readonly persistentVolumeClaim?: { readonly claimName: string };
    readonly configMap?: { readonly name: string };
  }[];
}

interface CronJob {
  readonly kind: string;
  readonly spec: {
    readonly concurrencyPolicy: string;
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
  };
}

interface Named {
  readonly metadata: { readonly name: string };
}

test('the CronJob finds its secret, its pipelines and its volume, and runs as the image wants', async () => {
  const { spec } = await deployYaml<CronJob>('kubernetes/cronjob.yaml');
  const pod = spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  const secret = await deployYaml<Named & { stringData: Readonly<Record<string, string>> }>(
    'kubernetes/secret.example.yaml',
  );
  const claim = await deployYaml<Named>('kubernetes/store.yaml');
  const { configMapGenerator: [map] = [] } = await deployYaml<{
    readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  }>('kubernetes/kustomization.yaml');
  expect(spec.concurrencyPolicy).toBe('Forbid');
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
  expect(container?.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
  expect(container?.envFrom).toEqual([{ secretRef: { name: secret.metadata.name } }]);
  expect(pod.volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])).toEqual([
    claim.metadata.name,
  ]);
  expect(pod.volumes.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual([map?.name]);
  expect(container?.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));

  const given = Object.keys(secret.stringData);
  expect(variablesOf(await deployText('kubernetes/ledgerpipe.yaml'))).toEqual(given);
  const settings = await checkedPipelines('kubernetes/ledgerpipe.yaml', given);
  const places = new Map(container?.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
  const pipeline = settings.pipelines[container?.args[1] ?? ''];
  expect(pipeline).toBeDefined();
  const stores = Object.values(settings.pipelines).map(({ source }) => source.config.token_store);
  for (const path of [settings.store, ...stores])
    expect(path).toMatch(new RegExp(`^${places.get('store')}/`));
  expect(container?.args.at(-1)).toBe(`${places.get('pipelines')}/${map?.files[0]}`);
});

const singlePipelines = yamlFiles.filter((path) => path.startsWith('pipelines/'));

test.each(singlePipelines)('%s is one valid pipeline that fits into ledgerpipe.yaml', async (path) => {
  const text = await deployText(path);
  const settings = await checkedPipelines(path, variablesOf(text));
  const [pipeline, ...more] = Object.values(settings.pipelines);
  expect(more).toEqual([]);
  expect(Object.keys(settings.pipelines)).toEqual([basename(path, '.yaml')]);
  const { store } = await deployYaml<{ readonly store: string }>('compose/ledgerpipe.yaml');
  expect((await deployYaml<{ readonly store: string }>(path)).store).toBe(store);
  // What has to outlast a run lies on the volume of every example.
  const { token_store, token_store_key } = pipeline?.source.config ?? {};
  const { replica_folder = `${dirname(store)}/none` } = pipeline?.destination.config ?? {};
  for (const kept of [token_store, replica_folder]) expect(kept).toMatch(/^\/ledgerpipe\/\w/);
  expect(token_store_key).toMatch(/^value of \w+$/);
  // Its source asks for the variables that the other examples have.
  const given = variablesOf(await deployText('compose/ledgerpipe.yaml'));
  const vendor = pipeline?.source.connector.replace('source-', '').toUpperCase() ?? '';
  const own = (names: readonly string[]) => names.filter((name) => name.startsWith(vendor)).sort();
  expect(own(variablesOf(text))).toEqual(own(given));
});

test('the examples show every connector, and their secrets come from the environment', async () => {
  const paths = ['compose/ledgerpipe.yaml', ...singlePipelines];
  const shown: string[] = [];
  for (const path of paths) {
    const { pipelines } = await checkedPipelines(path, variablesOf(await deployText(path)));
    for (const { connector, config } of Object.values(pipelines).flatMap((one) => [
      one.source,
      one.destination,
    ])) {
      const secrets = secretsIn(connector, config);
      expect(secrets.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(secret).toMatch(/^value of [A-Z_]+$/);
      shown.push(connector);
    }
  }
  expect([...new Set(shown)].sort()).toEqual([...connectors].sort());
});

test.skipIf(!isThere('kubectl', 'version', '--client'))(
  'kustomize puts the version of the image and the pipelines into the CronJob',
  async () => {
    const { stdout } = await start('kubectl', ['kustomize', join(deploy, 'kubernetes')]);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as CronJob & Named);
    expect(documents.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'CronJob',
      'PersistentVolumeClaim',
    ]);
    const job = documents.find(({ kind }) => kind === 'CronJob');
    const pod = job?.spec.jobTemplate.spec.template.spec;
    expect(pod?.containers[0]?.image).toBe(`ledgerpipe/ledgerpipe:${await runnerVersion()}`);
    const map = documents.find(({ kind }) => kind === 'ConfigMap');
    expect(pod?.volumes.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual([map?.metadata.name]);
  },
);

interface Plugin {
  readonly name: string;
  readonly namespace: string;
  readonly executable: string;
  readonly capabilities: readonly string[];
  readonly settings: readonly {
    readonly name: string;
    readonly kind: string;
    readonly sensitive?: boolean;
    readonly options?: readonly { readonly value: string }[];
  }[];
  readonly settings_group_validation: readonly (readonly string[])[];
  readonly config: Readonly<Record<string, unknown>>;
}

interface About {
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly settings: {
    readonly properties: Readonly<
      Record<string, { type: string; secret?: boolean; enum?: readonly string[] }>
    >;
  };
}

const kinds: Readonly<Record<string, readonly string[]>> = {
  string: ['string', 'options', 'date_iso8601'],
  integer: ['integer'],
  number: ['decimal'],
  boolean: ['boolean'],
  array: ['array'],
};

test.each([
  ['extractors', 'source-xero'],
  ['extractors', 'source-quickbooks'],
  ['loaders', 'destination-databricks'],
  ['loaders', 'destination-looker'],
  ['loaders', 'destination-powerbi'],
  ['loaders', 'destination-tableau'],
] as const)('the plugin among the %s of meltano.yml is %s as it describes itself', async (type, folder) => {
  const { plugins } = await deployYaml<{ plugins: Readonly<Record<typeof type, readonly Plugin[]>> }>(
    'meltano/meltano.yml',
  );
  const main = join(root, folder, 'dist/main.js');
  const { stdout } = await start('node', [main, '--about', '--format=json']);
  const about = JSON.parse(stdout) as About;
  const { bin } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as { bin: object };
  const plugin = plugins[type].find(({ name }) => name === about.name);
  expect(plugin?.name).toBe(about.name);
  expect(plugin?.namespace).toBe(about.name.replaceAll('-', '_'));
  expect(plugin?.executable).toBe(`./node_modules/.bin/${about.name}`);
  expect(Object.keys(bin)).toContain(about.name);
  expect(about.capabilities).toEqual(expect.arrayContaining([...(plugin?.capabilities ?? ['none'])]));
  for (const { name, kind, sensitive = false, options } of plugin?.settings ?? []) {
    const setting = about.settings.properties[name];
    expect({ name, sensitive }).toEqual({ name, sensitive: setting?.secret ?? false });
    expect(kinds[setting?.type ?? '']).toContain(kind);
    expect(options?.map(({ value }) => value)).toEqual(setting?.enum);
  }
  const named = new Set(plugin?.settings.map(({ name }) => name));
  const used = [...(plugin?.settings_group_validation.flat() ?? []), ...Object.keys(plugin?.config ?? {})];
  expect(used.filter((name) => !named.has(name))).toEqual([]);
  const secrets = Object.entries(about.settings.properties).filter(([, { secret }]) => secret);
  for (const [name] of secrets) expect(named).toContain(name);
});

test.skipIf(!isThere('python3', '--version'))('the DAG of Airflow is Python that compiles', async () => {
  const compile = 'import py_compile, sys; py_compile.compile(sys.argv[1], cfile=sys.argv[2], doraise=True)';
  const compiled = join(await temporaryFolder(), 'dag.pyc');
  await start('python3', ['-c', compile, join(deploy, 'airflow/ledgerpipe_dag.py'), compiled]);
});

test('the DAG of Airflow runs by default the pipeline of the example files', async () => {
  const dag = await deployText('airflow/ledgerpipe_dag.py');
  const pipeline = /"LEDGERPIPE_PIPELINE", "([^"]+)"/.exec(dag)?.[1] ?? '';
  const pipelines = parseDocument(await deployText('compose/ledgerpipe.yaml'));
  expect(pipelines.hasIn(['pipelines', pipeline])).toBe(true);
});
