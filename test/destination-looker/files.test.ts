// Files to S3 and SFTP: laid out by table and batch, whole or not there, with a manifest that comes last.
import { join } from 'node:path';
import type { Message } from '@airbyte/cdk-typescript-shim';
import { recordMessage, stateMessage, streamStatusMessage } from '@airbyte/cdk-typescript-shim';
import { expect, onTestFinished, test } from 'vitest';
import destination from '../../destination-looker/index.ts';
import { catalogOf } from '../conformance/destination.ts';
import { contextOf, writeAll } from '../conformance/in-process.ts';
import { fastClock } from '../emulators/clock.ts';
import { type S3Emulator, startS3 } from '../emulators/s3/index.ts';
import { type SftpEmulator, startSftp } from '../emulators/sftp/index.ts';
import { temporaryFolder } from '../program.ts';

const clock = fastClock({ start: Date.parse('2026-09-15T08:00:00Z'), rate: 1000 });

interface Files {
  readonly config: Readonly<Record<string, unknown>>;
  readonly stored: () => ReadonlyMap<string, Buffer>;
}

async function s3(): Promise<Files & { readonly emulator: S3Emulator }> {
  const emulator = await startS3({ clock });
  onTestFinished(() => emulator.close());
  const files = {
    storage: 's3',
    bucket: emulator.bucket,
    region: emulator.region,
    endpoint: emulator.url,
    access_key_id: emulator.keys.accessKeyId,
    secret_access_key: emulator.keys.secretAccessKey,
    prefix: 'books',
  };
  return { emulator, config: await configWith(files), stored: () => emulator.objects };
}

async function sftp(): Promise<Files & { readonly emulator: SftpEmulator }> {
  const emulator = await startSftp();
  onTestFinished(() => emulator.close());
  const { host, port, user, password } = emulator;
  const files = { storage: 'sftp', host, port, user, password, prefix: '/books' };
  return { emulator, config: await configWith(files), stored: () => emulator.files };
}

const configWith = async (files: object) => ({
  mode: 'files',
  files,
  reject_file: join(await temporaryFolder(), 'rejects.jsonl'),
});

const changed = ({ config }: Files, files: object) => ({
  ...config,
  files: { ...(config.files as object), ...files },
});

const lines = { lines: [{ text: 'x', amount: 1.25 }] };
const input: Message[] = [
  recordMessage('documents', { id: 'a', at: '2026-01-01T00:00:00Z', total: 1.5, ...lines }, 1),
  recordMessage('documents', { id: 'b', at: '2026-01-01T00:00:00Z', total: 2.5 }, 1),
  stateMessage('documents', { cursor: 1 }, 2),
  streamStatusMessage('documents', 'COMPLETE', 1),
];

const write = (config: Files['config']) =>
  writeAll(destination, { config, clock, input, catalog: catalogOf('append_dedup') });

const pathsOf = (stored: ReadonlyMap<string, Buffer>) =>
  [...stored.keys()]
    .map((path) => path.replace(/batch=[0-9a-f]+/, 'batch=B').replace(/\d{8}T\d+Z-\w+/, 'JOB'))
    .sort();

const layout = (prefix: string) => [
  `${prefix}/_manifests/JOB-00000.json`,
  `${prefix}/documents/batch=B/00000.parquet`,
  `${prefix}/documents_lines/batch=B/00000.parquet`,
];

test('S3 gets a folder per table and a manifest, the states come back, and the log says what Looker sees', async () => {
  const bench = await s3();
  const messages = await write(bench.config);
  expect(pathsOf(bench.stored())).toEqual(layout('books'));
  expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
  expect(JSON.stringify(messages)).toContain(
    'Looker reads no files, it sees these rows only through a warehouse',
  );
  const [manifestPath = ''] = [...bench.stored().keys()].filter((path) => path.includes('_manifests'));
  expect([...bench.stored().keys()].at(-1)).toBe(manifestPath);
  const manifest = JSON.parse(String(bench.stored().get(manifestPath)));
  expect(manifest).toMatchObject({
    version: 1,
    segment: 0,
    format: 'parquet',
    tables: [
      { table: 'documents', mode: 'upsert', keys: ['id'], rows: 2, files: [{ rows: 2 }] },
      { table: 'documents_lines', parent: { table: 'documents', columns: ['id'] }, rows: 1 },
    ],
  });
  for (const { files } of manifest.tables)
    for (const { path, bytes } of files) expect(bench.stored().get(path)?.length).toBe(bytes);
});

test('CSV has a header, exact amounts and ISO 8601 moments', async () => {
  const bench = await s3();
  await write(changed(bench, { format: 'csv' }));
  const [path = ''] = [...bench.stored().keys()].filter((key) => /documents\/.*\.csv$/.test(key));
  const [header, first] = String(bench.stored().get(path)).split('\n');
  expect(header).toMatch(/^id,at,total,contact_name,free,_row_hash,/);
  expect(first).toMatch(/^a,2026-01-01T00:00:00\.000000Z,1\.5000,/);
});

test('the same lines again take the same places, but for their manifest', async () => {
  const bench = await s3();
  await write(bench.config);
  await write(bench.config);
  const paths = [...bench.stored().keys()];
  expect(paths.filter((path) => path.endsWith('.parquet'))).toHaveLength(2);
  expect(paths.filter((path) => path.includes('_manifests'))).toHaveLength(2);
});

test('SFTP gets the same, without drafts, by password or by key', async () => {
  const bench = await sftp();
  await write(bench.config);
  expect(pathsOf(bench.stored())).toEqual(layout('/books'));
  const { password: _, ...files } = bench.config.files as Record<string, unknown>;
  const { privateKey: private_key, fingerprint: host_fingerprint } = bench.emulator;
  await write({ ...bench.config, files: { ...files, private_key, host_fingerprint, prefix: '/by-key' } });
  expect(pathsOf(bench.stored()).filter((path) => path.startsWith('/by-key'))).toEqual(layout('/by-key'));
});

test('an SFTP server without posix-rename does as well, also for a file that is there', async () => {
  const bench = await sftp();
  bench.emulator.withoutPosixRename();
  await write(bench.config);
  await write(bench.config);
  expect(pathsOf(bench.stored()).filter((path) => path.endsWith('.parquet'))).toEqual(
    layout('/books').slice(1),
  );
});

test.each(['OPEN', 'WRITE', 'CLOSE', 'MKDIR', 'RENAME'])(
  'an SFTP connection cut at any %s loses and doubles nothing',
  async (operation) => {
    const bench = await sftp();
    for (let skip = 0; skip < 3; skip++) {
      bench.emulator.cutAt(operation, skip);
      const messages = await write(bench.config);
      expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
    }
    const whole = [...bench.stored()].filter(([path]) => path.endsWith('.parquet') && !path.includes('/.'));
    expect(whole.map(([, bytes]) => bytes.subarray(-4).toString())).toEqual(['PAR1', 'PAR1']);
  },
);

test('S3 that fails for a moment, or loses its answer, is asked again', async () => {
  const bench = await s3();
  for (let skip = 0; skip < 3; skip++)
    for (const does of [
      { kind: 'answer', status: 503, body: '<Error><Code>SlowDown</Code></Error>' },
      { kind: 'cut', when: 'before' },
      { kind: 'cut', when: 'after' },
    ] as const) {
      bench.emulator.faults.clear();
      bench.emulator.faults.add({ skip, does });
      const messages = await write(bench.config);
      expect(messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
    }
  expect([...bench.stored().keys()].filter((path) => path.endsWith('.parquet'))).toHaveLength(2);
});

test('a failure that lasts leaves no manifest, and the states stay away', async () => {
  const bench = await s3();
  bench.emulator.faults.add({ path: /documents_lines/, times: 99, does: { kind: 'cut', when: 'before' } });
  await expect(write(bench.config)).rejects.toMatchObject({ kind: 'transient' });
  expect([...bench.stored().keys()].filter((path) => path.includes('_manifests'))).toEqual([]);
});

const refused: readonly (readonly [string, () => Promise<Files['config']>, RegExp])[] = [
  [
    'a wrong secret key',
    async () => changed(await s3(), { secret_access_key: 'no' }),
    /"files.secret_access_key"/,
  ],
  [
    'a bucket that is not there',
    async () => changed(await s3(), { bucket: 'nowhere' }),
    /check "files.bucket"/,
  ],
  ['a wrong region', async () => changed(await s3(), { region: 'us-west-2' }), /check "files.region"/],
  [
    'a key that may not write',
    async () => {
      const bench = await s3();
      bench.emulator.forbid();
      return bench.config;
    },
    /allow s3:PutObject/,
  ],
  [
    'a wrong password',
    async () => changed(await sftp(), { password: 'no' }),
    /check "files.user", and "files.password"/,
  ],
  [
    'a host with another key',
    async () => changed(await sftp(), { host_fingerprint: 'SHA256:abc' }),
    /check "files.host_fingerprint"/,
  ],
  [
    'a folder that nobody may write',
    async () => {
      const bench = await sftp();
      bench.emulator.forbid('/books');
      return bench.config;
    },
    /let the user write to the folder/,
  ],
  ['no storage at all', async () => ({ mode: 'files' }), /"files" is missing/],
];

test.each(refused)('check refuses %s and says what to do', async (_, configure, words) => {
  const context = await contextOf(destination, { config: await configure(), clock }, []);
  const result = await destination.check(context);
  expect(result.message).toMatch(words);
  expect(result.ok).toBe(false);
});

test('check writes a file, deletes it and says that Looker reads none', async () => {
  for (const bench of [await s3(), await sftp()]) {
    const result = await destination.check(await contextOf(destination, { config: bench.config, clock }, []));
    expect(result.message).toMatch(/a file written to ".*books" and deleted; Looker sees files only/);
    expect(result.ok).toBe(true);
    expect([...bench.stored().keys()]).toEqual([]);
  }
});
