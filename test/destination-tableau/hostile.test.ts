// Names and values that break quoting, XML, JSON or zip archives somewhere, and runs that end at any moment.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeXml } from '../../destination-tableau/api/multipart.ts';
import { unpackHyper } from '../../destination-tableau/hyper/unpack.ts';
import { fullName } from '../../destination-tableau/layout/names.ts';
import { systemClock } from '../../protocol/kit/clock.ts';
import { findHyperd } from '../emulators/hyperd/index.ts';
import { startTableau } from '../emulators/tableau/index.ts';
import { fileOf, run, start, temporaryFolder } from '../program.ts';
import { archive } from './archive.ts';
import { catalog, complete, openOffice, row, state, statesIn } from './office.ts';

const text = { type: ['null', 'string'] };

const hostileNames = [
  'Räksmörgås & Söhne <b>"x"</b>',
  "O'Brien; DROP TABLE x; --",
  'a,b:c|d/e\\f',
  '表意文字 😀',
  '  blanks  ',
  'a.b"c"."d',
  'x'.repeat(300),
];

test('names of streams and fields survive, whatever they hold', async () => {
  const office = await openOffice();
  for (const name of hostileNames) {
    const streams = catalog({
      [name]: {
        properties: {
          id: text,
          [name]: text,
          rows: { type: 'array', items: { type: 'object', properties: { [name]: text } } },
        },
      },
    });
    const record = (id: string, value: string) => row(name, { id, [name]: value, rows: [{ [name]: value }] });
    await office.write([record('a', 'one'), complete(name)], streams);
    await office.write([record('a', 'two'), record('b', name), complete(name)], streams);
    const source = fullName('', name);
    const tables = await office.emulator.tables({ name: source });
    const main = tables.find(
      ({ columns }) =>
        columns.some((column) => column.name === 'id') &&
        !columns.some((column) => column.name === '_position'),
    );
    const rows = await office.emulator.rows(
      { name: source },
      `${main?.schema}.${main?.name}`,
      'SELECT * FROM {table} ORDER BY "id"',
    );
    expect(
      rows
        .map((found) => Object.values(found))
        .map((values) => values.includes('two') || values.includes(name)),
    ).toEqual([true, true]);
    expect(tables).toHaveLength(2);
  }
}, 60_000);

test('every name of a data source is one that XML, lists and people can hold', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      (name, prefix) => {
        const full = fullName(prefix, name);
        expect([...full].length).toBeGreaterThan(0);
        expect([...full].length).toBeLessThanOrEqual(200);
        expect(full).not.toMatch(/\p{Cc}/u);
        expect(full).toBe(fullName(prefix, name));
        expect(escapeXml(full)).not.toMatch(/[<>"']|&(?!#\d+;)/);
      },
    ),
  );
});

test('downloads are unpacked whichever way they were packed; others are refused', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.hyper');
  const unpacked = async (bytes: Buffer): Promise<void> => {
    await writeFile(join(folder, 'x.tdsx'), bytes);
    await unpackHyper(join(folder, 'x.tdsx'), path);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 5000 }),
      fc.boolean(),
      async (bytes, stored) => {
        const content = Buffer.from(bytes);
        const packed = archive(
          { 'a.tds': Buffer.from('<x/>'), 'Data/Extracts/a.hyper': content },
          { stored },
        );
        await unpacked(packed);
        expect(await readFile(path)).toEqual(content);
      },
    ),
    { numRuns: 20 },
  );
  const bare = Buffer.concat([Buffer.from('HyPer'), Buffer.alloc(100)]);
  await unpacked(bare);
  expect(await readFile(path)).toEqual(bare);
  const whole = archive({ 'a.tds': Buffer.from('<x/>'), 'a.hyper': Buffer.alloc(3000, 7) }, { stored: true });
  const refused: readonly (readonly [bytes: Buffer, words: RegExp])[] = [
    [archive({ 'a.tds': Buffer.from('<x/>') }), /no \.hyper file/],
    [Buffer.from('<html>oops</html>'), /neither a \.hyper file nor an archive/],
    [Buffer.from('PK and then nothing that makes sense'), /truncated/],
    [Buffer.from('PK'), /truncated/],
    [
      Buffer.concat([whole.subarray(0, 1000), whole.subarray(2000)]),
      /Cannot read the downloaded data source: .+, report/,
    ],
  ];
  for (const [bytes, words] of refused) await expect(unpacked(bytes)).rejects.toThrow(words);
});

test('a crash between the publish and its tags is mended by the next run', async () => {
  const office = await openOffice();
  const notes = catalog({ notes: { properties: { id: text }, mode: 'append' } });
  const input = [row('notes', { id: 'a' }), state('notes', 1), complete('notes')];
  office.emulator.faults.add({ path: /\/tags$/, times: 50, does: { kind: 'cut', when: 'before' } });
  await expect(office.write(input, notes)).rejects.toThrow(/tag data source/);
  office.emulator.faults.clear();
  expect(statesIn(await office.write(input, notes))).toBe(1);
  expect(await office.emulator.rows('notes', 'notes', 'SELECT "id" FROM {table}')).toEqual([{ id: 'a' }]);
  expect(office.emulator.sources()[0]?.tags).toContain('ledgerpipe');
});

test('faults at random requests of two segments, and runs again until one ends well, leave the rows of one run', async () => {
  const office = await openOffice();
  const notes = catalog({
    notes: {
      properties: {
        id: text,
        text,
        lines: { type: 'array', items: { type: 'object', properties: { text } } },
      },
      mode: 'append',
    },
  });
  const big = 'x'.repeat(100_000);
  const input = Array.from({ length: 14 }, (_, index) =>
    row('notes', { id: `${index}`, text: big, lines: [{ text: 'l' }] }),
  );
  const kinds = [
    { kind: 'cut', when: 'before' },
    { kind: 'cut', when: 'after' },
    { kind: 'answer', status: 500, body: 'oops' },
    { kind: 'answer', status: 504 },
    { kind: 'truncate' },
  ] as const;
  for (const [round, does] of kinds.entries()) {
    office.emulator.faults.add({ skip: 5 + round * 7, times: 2 + round, does });
    await office
      .write([...input, state('notes', round), complete('notes')], notes, { segment_megabytes: 1 })
      .catch(() => undefined);
    office.emulator.faults.clear();
  }
  await office.emulator.jobs.idle();
  const messages = await office.write([...input, state('notes', 9), complete('notes')], notes, {
    segment_megabytes: 1,
  });
  expect(statesIn(messages)).toBe(1);
  for (const table of ['notes', 'notes_lines']) {
    const [found] = await office.emulator.rows('notes', table, 'SELECT count(*) AS n FROM {table}');
    expect(Number(found?.n)).toBe(14);
  }
}, 60_000);

test('the program takes its configuration from a file, and one that is killed leaves no hyperd behind', async () => {
  const emulator = await startTableau({ clock: systemClock, pace: { queue: 0, run: 0 } });
  try {
    const { pat, site, url } = emulator.config;
    const main = '../destination-tableau/main.ts';
    const sockets = await mkdtemp(join(tmpdir(), 'lpt-'));
    // Variables that speak of other servers change nothing.
    const env = {
      HYPERD_PATH: await findHyperd(),
      TMPDIR: sockets,
      PGHOST: 'nowhere.example',
      PGPORT: '9',
      PGUSER: 'somebody',
      PGPASSWORD: 'theirs',
      PGPASSFILE: '/nowhere/pgpass',
      PGDATABASE: 'elsewhere',
      PGOPTIONS: '-c x=y',
      PGSSLMODE: 'verify-full',
      PGSSLNEGOTIATION: 'direct',
      PGAPPNAME: 'x'.repeat(300),
      PGCLIENT_ENCODING: 'EUC_JP',
      PGREPLICATION: 'database',
      PGBINARY: '1',
      PGCONNECT_TIMEOUT: '1',
      PGTZ: 'Pacific/Auckland',
      PGDATESTYLE: 'German',
    };
    const folder = await temporaryFolder();
    const config = await fileOf(folder, 'config.json', {
      server: url,
      site,
      credentials: { auth_type: 'pat', token_name: pat.name, token_secret: pat.secret },
    });
    const input = [
      {
        type: 'CATALOG',
        catalog: {
          streams: [
            {
              name: 'notes',
              json_schema: { type: 'object', properties: { id: { type: 'string' } } },
              supported_sync_modes: ['full_refresh', 'incremental'],
              source_defined_primary_key: [['id']],
              default_cursor_field: ['id'],
            },
          ],
        },
      },
      row('notes', { id: 'a' }),
      state('notes', 1),
      complete('notes'),
    ]
      .map((message) => `${JSON.stringify(message)}\n`)
      .join('');
    expect((await run(main, ['spec'])).messages).toMatchObject([{ type: 'SPEC' }]);
    const checked = await run(main, ['check', '--config', config], { env });
    expect(checked.messages.at(-1)).toMatchObject({ connectionStatus: { status: 'SUCCEEDED' } });
    const killed = start(main, ['write', '--config', config], { input, env });
    while (emulator.jobs.log.length === 0 && killed.child.exitCode === null) await systemClock.sleep(5);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const written = await run(main, ['write', '--config', config], { input, env });
    expect(written.code, written.stderr).toBe(0);
    expect(written.messages.filter(({ type }) => type === 'STATE')).toHaveLength(1);
    expect(written.stdout + written.stderr).not.toContain(pat.secret);
    expect(await emulator.rows('notes', 'notes', 'SELECT "id" FROM {table}')).toEqual([{ id: 'a' }]);
    const alive = await listening(sockets);
    expect(alive).toEqual([]);
    await rm(sockets, { recursive: true, force: true });
  } finally {
    await emulator.close();
  }
}, 60_000);

/** Sockets below a folder that a process of this machine still listens on. */
async function listening(folder: string): Promise<readonly string[]> {
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => '');
  return table.split('\n').filter((line) => line.includes(folder));
}
