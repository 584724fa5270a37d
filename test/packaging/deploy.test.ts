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
    readonly serve: {
      readonly image: string;
      readonly command: readonly string[];
      readonly env_file: readonly string[];
      readonly volumes: readonly string[];
      readonly ports: readonly string[];
    };
  };
  readonly volumes: Readonly<Record<string, null>>;
}

test('compose gives the runner a valid pipeline, its variables, and a place for all that it keeps', async () => {
  const { services, volumes } = await deployYaml<Compose>('compose/compose.yaml');
  const { image, command, env_file, volumes: mounts, ports } = services.serve;
  expect(image).toBe(`ledgerpipe/ledgerpipe:${await runnerVersion()}`);
  expect(env_file).toEqual(['.env']);
  const given = [...(await deployText('compose/.env.example')).matchAll(/^(\w+)=/gm)].map(
    ([, name = '']) => name,
  );
  expect(variablesOf(await deployText('compose/ledgerpipe.yaml'))).toEqual(given);

  const { http, store, folder, pipelines } = await checkedPipelines('compose/ledgerpipe.yaml', given);
  expect(command.slice(0, 3)).toEqual(['serve', '--file', '/etc/ledgerpipe/ledgerpipe.yaml']);
  expect(ports).toEqual([`127.0.0.1:${http.port}:${http.port}`]);
  expect(http).toMatchObject({ listen: '0.0.0.0', token: 'value of LEDGERPIPE_TOKEN' });
  for (const { schedules } of Object.values(pipelines)) expect(schedules.length).toBeGreaterThan(0);
  expect(mounts).toContain('./ledgerpipe.yaml:/etc/ledgerpipe/ledgerpipe.yaml:ro');
  const kept = mounts.map((mount) => mount.split(':')).find(([name = '']) => name in volumes);
  for (const path of [store, folder]) expect(path).toMatch(new RegExp(`^${kept?.[1]}/`));
});

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly image: string;
    readonly args: readonly string[];
    readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
    readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } };
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
}

interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Workload extends Named {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: object };
    readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec };
  };
}

interface Service extends Named {
  readonly spec: {
    readonly selector: object;
    readonly ports: readonly { readonly port: number; readonly targetPort?: string }[];
  };
}

/** The documents of a file, by kind. */
async function documentsOf(path: string): Promise<Readonly<Record<string, unknown>>> {
  const documents = parseAllDocuments(await deployText(path)).map((document) => document.toJS() as Named);
  return Object.fromEntries(documents.map((document) => [document.kind, document]));
}

test('the two runners find their secret, their pipelines and their store, and run as the image wants', async () => {
  const { Deployment, Service: service } = await documentsOf('kubernetes/serve.yaml');
  const { spec } = Deployment as Workload;
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const secret = await deployYaml<Named & { stringData: Readonly<Record<string, string>> }>(
    'kubernetes/secret.example.yaml',
  );
  const { configMapGenerator: [map] = [] } = await deployYaml<{
    readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  }>('kubernetes/kustomization.yaml');
  expect(spec.replicas).toBe(2);
  expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels);
  expect((service as Service).spec.selector).toEqual(spec.selector.matchLabels);
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
  expect(container?.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
  expect(container?.envFrom).toEqual([{ secretRef: { name: secret.metadata.name } }]);
  expect(pod.volumes.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual([map?.name]);
  expect(container?.volumeMounts.map(({ name }) => name)).toEqual(pod.volumes.map(({ name }) => name));

  const given = Object.keys(secret.stringData);
  expect(['LEDGERPIPE_KEY', ...variablesOf(await deployText('kubernetes/ledgerpipe.yaml'))].sort()).toEqual(
    [...given].sort(),
  );
  const { http, store, folder } = await checkedPipelines('kubernetes/ledgerpipe.yaml', given);
  const places = new Map(container?.volumeMounts.map(({ name, mountPath }) => [name, mountPath]));
  expect(folder).toBe(places.get('work'));
  expect(http).toMatchObject({ listen: '0.0.0.0', token: 'value of LEDGERPIPE_TOKEN' });
  expect(container?.ports).toEqual([{ name: 'http', containerPort: http.port }]);
  expect((service as Service).spec.ports).toMatchObject([{ port: http.port, targetPort: 'http' }]);
  expect(container?.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'http' });
  expect(container?.args.slice(0, 3)).toEqual([
    'serve',
    '--file',
    `${places.get('pipelines')}/${map?.files[0]}`,
  ]);

  const { StatefulSet, Service: database } = await documentsOf('kubernetes/postgres.yaml');
  expect((database as Service).spec.selector).toEqual((StatefulSet as Workload).spec.selector.matchLabels);
  expect(store).toContain(`@${(database as Service).metadata.name}/ledgerpipe`);
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
  const { replica_folder = `${dirname(store)}/none` } = pipeline?.destination.config ?? {};
  expect(replica_folder).toMatch(/^\/ledgerpipe\/\w/);
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
  'kustomize puts the version of the image and the pipelines into the runners',
  async () => {
    const { stdout } = await start('kubectl', ['kustomize', join(deploy, 'kubernetes')]);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS() as Named);
    expect(documents.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'PodDisruptionBudget',
      'Service',
      'Service',
      'StatefulSet',
    ]);
    const runners = documents.find(({ kind }) => kind === 'Deployment') as Workload;
    const pod = runners.spec.template.spec;
    expect(pod.containers[0]?.image).toBe(`ledgerpipe/ledgerpipe:${await runnerVersion()}`);
    const map = documents.find(({ kind }) => kind === 'ConfigMap');
    expect(pod.volumes.flatMap(({ configMap }) => configMap?.name ?? [])).toEqual([map?.metadata.name]);
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
