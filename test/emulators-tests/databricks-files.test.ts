// The Files API of the Databricks emulator, and how queries read what was staged.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openWorkspace, type Workspace } from './databricks-client.ts';

const file = '/api/2.0/fs/files/Volumes/workspace/ledger/stage';
const directory = '/api/2.0/fs/directories/Volumes/workspace/ledger/stage';

async function reason(answer: Response): Promise<string | undefined> {
  const { details } = (await answer.json()) as { details?: { reason?: string }[] };
  return details?.find((detail) => detail.reason)?.reason;
}

test('a file is put with its parents, read whole or in part, described and deleted', async () => {
  const workspace = await openWorkspace();
  const put = await workspace.call('PUT', `${file}/a/b%20c/data.bin?overwrite=true`, {
    body: Buffer.from('0123456789'),
  });
  expect([put.status, await put.text()]).toEqual([204, '']);
  expect(workspace.emulator.files()).toEqual(['/Volumes/workspace/ledger/stage/a/b c/data.bin']);
  const whole = await workspace.call('GET', `${file}/a/b%20c/data.bin`);
  expect([whole.headers.get('content-type'), await whole.text()]).toEqual([
    'application/octet-stream',
    '0123456789',
  ]);
  const part = await workspace.call('GET', `${file}/a/b%20c/data.bin`, {
    headers: { authorization: `Bearer ${workspace.emulator.credentials.token}`, range: 'bytes=2-4' },
  });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 2-4/10',
    '234',
  ]);
  const head = await workspace.call('HEAD', `${file}/a/b%20c/data.bin`);
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
  expect(Date.parse(head.headers.get('last-modified') ?? '')).not.toBeNaN();
  expect((await workspace.call('DELETE', `${file}/a/b%20c/data.bin`)).status).toBe(204);
  for (const method of ['GET', 'HEAD', 'DELETE'])
    expect((await workspace.call(method, `${file}/a/b%20c/data.bin`)).status).toBe(404);
  await workspace.emulator.close();
});

test('an existing file is kept unless overwrite says otherwise', async () => {
  const workspace = await openWorkspace();
  const put = (query: string, body: string) => workspace.call('PUT', `${file}/x.txt${query}`, { body });
  expect((await put('?overwrite=false', 'one')).status).toBe(204);
  const refused = await put('?overwrite=false', 'two');
  expect([refused.status, await reason(refused)]).toEqual([409, 'FILES_API_FILE_ALREADY_EXISTS']);
  expect(await (await workspace.call('GET', `${file}/x.txt`)).text()).toBe('one');
  expect((await put('?overwrite=true', 'three')).status).toBe(204);
  expect((await put('', 'four')).status).toBe(204);
  expect(await (await workspace.call('GET', `${file}/x.txt`)).text()).toBe('four');
  await workspace.emulator.close();
  const refusing = await openWorkspace({ switches: { putOverwritesByDefault: false, filePutStatus: 200 } });
  expect((await refusing.call('PUT', `${file}/x.txt`, { body: 'one' })).status).toBe(200);
  expect((await refusing.call('PUT', `${file}/x.txt`, { body: 'two' })).status).toBe(409);
  await refusing.emulator.close();
});

test('directories are made idempotently, listed by pages, and deleted only when empty', async () => {
  const workspace = await openWorkspace();
  expect((await workspace.call('PUT', `${directory}/d/e`)).status).toBe(204);
  expect((await workspace.call('PUT', `${directory}/d/e`)).status).toBe(204);
  for (const name of ['1', '2', '3']) await workspace.call('PUT', `${file}/d/${name}.txt`, { body: name });
  const seen: unknown[] = [];
  let token: string | undefined;
  do {
    const query: string = `?page_size=2${token ? `&page_token=${token}` : ''}`;
    const listing = await workspace.json('GET', `${directory}/d${query}`);
    seen.push(...(listing.contents as unknown[]));
    token = listing.next_page_token as string | undefined;
  } while (token);
  expect(seen).toEqual([
    ...['1', '2', '3'].map((name) => ({
      path: `/Volumes/workspace/ledger/stage/d/${name}.txt`,
      name: `${name}.txt`,
      is_directory: false,
      file_size: 1,
      last_modified: expect.any(Number),
    })),
    {
      path: '/Volumes/workspace/ledger/stage/d/e',
      name: 'e',
      is_directory: true,
      last_modified: expect.any(Number),
    },
  ]);
  const full = await workspace.call('DELETE', `${directory}/d`);
  expect([full.status, await reason(full)]).toEqual([400, 'FILES_API_DIRECTORY_IS_NOT_EMPTY']);
  expect((await workspace.call('DELETE', `${directory}/d/e`)).status).toBe(204);
  expect((await workspace.call('HEAD', `${directory}/d/e`)).status).toBe(404);
  expect((await workspace.call('GET', `${directory}/nowhere`)).status).toBe(404);
  await workspace.emulator.close();
});

test('a missing volume is named in a 404', async () => {
  const workspace = await openWorkspace();
  const answer = await workspace.call('PUT', '/api/2.0/fs/files/Volumes/workspace/ledger/none/a.txt', {
    body: 'x',
  });
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({
    error_code: 'NOT_FOUND',
    message: "Volume 'workspace.ledger.none' does not exist.",
    details: [
      { reason: 'FILES_API_RESOURCE_NOT_FOUND', domain: 'filesystem.databricks.com' },
      { request_id: expect.any(String) },
    ],
  });
  await workspace.emulator.close();
});

test('HEAD on the root of an empty volume may answer 404', async () => {
  for (const [emptyVolumeHead404, status] of [
    [true, 404],
    [false, 200],
  ] as const) {
    const workspace = await openWorkspace({ switches: { emptyVolumeHead404 } });
    expect((await workspace.call('HEAD', directory)).status).toBe(status);
    await workspace.call('PUT', `${file}/a.txt`, { body: 'x' });
    expect((await workspace.call('HEAD', directory)).status).toBe(200);
    await workspace.emulator.close();
  }
});

test('paths may not leave the volume', async () => {
  const workspace = await openWorkspace();
  for (const path of ['..%2F..%2Fother', '%2e%2e/x', 'a/%2e%2e/%2e%2e/%2e%2e/x'])
    expect([path, (await workspace.call('PUT', `${file}/${path}`, { body: 'x' })).status]).not.toEqual([
      path,
      204,
    ]);
  expect(workspace.emulator.files()).toEqual([]);
  await workspace.emulator.close();
});

test('an upload of 48 MB is stored whole and its body is not kept in the request log', async () => {
  const workspace = await openWorkspace();
  const body = Buffer.alloc(48 * 1024 * 1024, 'x');
  expect((await workspace.call('PUT', `${file}/big.bin?overwrite=true`, { body })).status).toBe(204);
  expect((await workspace.call('HEAD', `${file}/big.bin`)).headers.get('content-length')).toBe(
    String(body.length),
  );
  expect(workspace.emulator.requests.find(({ method }) => method === 'PUT')?.body.length).toBe(0);
  await workspace.emulator.close();
});

const idsOf = async (workspace: Workspace, source: string) => {
  const answer = await workspace.sql(`SELECT id FROM ${source} ORDER BY id`);
  return answer.sqlState ?? answer.rows.map(([id]) => id);
};

test('read_files takes a file, a glob or a directory, below any depth, and skips hidden names', async () => {
  const workspace = await openWorkspace();
  const root = 'workspace/ledger/stage/t/17';
  for (const [path, id] of [
    ['a.parquet', 1],
    ['b.parquet', 2],
    ['deep/er/c.parquet', 3],
    ['_marker.parquet', 4],
    ['.hidden.parquet', 5],
    ['_temporary/d.parquet', 6],
  ])
    await workspace.stage(`${root}/${path}`, `SELECT ${id} AS id`);
  const read = (path: string) => idsOf(workspace, `read_files('/Volumes/${path}', format => 'parquet')`);
  expect(await read(`${root}/a.parquet`)).toEqual(['1']);
  expect(await read(`${root}/*.parquet`)).toEqual(['1', '2']);
  expect(await read(`${root}/{a,b}.par*`)).toEqual(['1', '2']);
  expect(await read(`${root}/[b-z].parquet`)).toEqual(['2']);
  expect(await read(root)).toEqual(['1', '2', '3']);
  expect(await read(`${root}/`)).toEqual(['1', '2', '3']);
  expect(await read('workspace/ledger/stage/*/17/deep')).toEqual(['3']);
  expect(await read(`${root}/none.parquet`)).toBe('42K03');
  expect(await read(`${root}/*.json`)).toBe('42K03');
  expect(await read('workspace/ledger/none/x')).toBe('42K03');
  expect(await idsOf(workspace, `parquet.\`/Volumes/${root}/a.parquet\``)).toEqual(['1']);
  expect(
    await idsOf(
      workspace,
      `parquet.\`/Volumes/${root}/a.parquet\` UNION ALL SELECT id FROM parquet.\`/Volumes/${root}/b.parquet\``,
    ),
  ).toEqual(['1', '2']);
  await workspace.emulator.close();
});

test('files of different columns are united by name, and a declared schema casts and completes them', async () => {
  const workspace = await openWorkspace();
  await workspace.stage('workspace/ledger/stage/t/a.parquet', "SELECT 1 AS id, 'x' AS name");
  await workspace.stage('workspace/ledger/stage/t/b.parquet', 'SELECT 2.5 AS amount, 2 AS ID');
  const all = await workspace.sql(
    "SELECT * FROM read_files('/Volumes/workspace/ledger/stage/t', format => 'parquet') ORDER BY id",
  );
  expect(all.columns.map(({ name }) => name)).toEqual(['id', 'name', 'amount', '_rescued_data']);
  expect(all.rows).toEqual([
    ['1', 'x', null, null],
    ['2', null, '2.5', null],
  ]);
  const declared = await workspace.sql(
    "SELECT * FROM read_files('/Volumes/workspace/ledger/stage/t', format => 'parquet', schema => 'id BIGINT, amount DECIMAL(18,4), due DATE') ORDER BY id",
  );
  expect([declared.columns.map(({ type_text }) => type_text), declared.rows]).toEqual([
    ['BIGINT', 'DECIMAL(18,4)', 'DATE'],
    [
      ['1', null, null],
      ['2', '2.5000', null],
    ],
  ]);
  await workspace.emulator.close();
});

test('the file of a row is known, and no star shows it', async () => {
  const workspace = await openWorkspace();
  await workspace.stage('workspace/ledger/stage/t/a.parquet', 'SELECT 1 AS id');
  const answer = await workspace.rows(
    "SELECT *, _metadata.file_name, _metadata.file_path FROM read_files('/Volumes/workspace/ledger/stage/t', format => 'parquet', schema => 'id INT')",
  );
  expect(answer).toEqual([['1', 'a.parquet', 'dbfs:/Volumes/workspace/ledger/stage/t/a.parquet']]);
  await workspace.emulator.close();
});

test('zipped JSON lines are read as text and cast by the statement, exactly', async () => {
  const workspace = await openWorkspace();
  const lines = '{"id":"1","amt":"123456789012345.6789"}\n{"id":"2","amt":"x","more":{"a":[1]}}\n';
  await workspace.call('PUT', `${file}/t/a.json.gz?overwrite=true`, { body: gzipSync(lines) });
  const source = (schema: string, more = '') =>
    `read_files('/Volumes/workspace/ledger/stage/t/*.json.gz', format => 'json', schema => '${schema}'${more})`;
  expect(
    await workspace.rows(
      `SELECT id, try_cast(amt AS DECIMAL(38,10)) AS amt, more FROM ${source('`id` STRING, amt STRING, more STRING')} ORDER BY id`,
    ),
  ).toEqual([
    ['1', '123456789012345.6789000000', null],
    ['2', null, '{"a":[1]}'],
  ]);
  const typed = 'id INT, amt DECIMAL(38,10)';
  expect(await workspace.rows(`SELECT amt FROM ${source(typed)} ORDER BY id`)).toEqual([
    ['123456789012345.6789000000'],
    [null],
  ]);
  expect((await workspace.sql(`SELECT amt FROM ${source(typed, ", mode => 'FAILFAST'")}`)).sqlState).toBe(
    '22018',
  );
  await workspace.call('PUT', `${file}/t/b.json.gz?overwrite=true`, {
    body: gzipSync('{"id":"3"\n{"id":"4"}\n'),
  });
  expect(
    (await workspace.sql(`SELECT id FROM ${source('id STRING', ", mode => 'FAILFAST'")}`)).sqlState,
  ).toBe('22023');
  expect(
    await workspace.rows(
      `SELECT id FROM ${source('id STRING', ", mode => 'DROPMALFORMED'")} WHERE id IS NOT NULL ORDER BY id`,
    ),
  ).toEqual([['1'], ['2'], ['4']]);
  expect(
    await workspace.rows('SELECT id FROM json.`/Volumes/workspace/ledger/stage/t/a.json.gz` ORDER BY id'),
  ).toEqual([['1'], ['2']]);
  await workspace.emulator.close();
});

test('CSV is read by header or by the declared columns', async () => {
  const workspace = await openWorkspace();
  await workspace.call('PUT', `${file}/t/a.csv?overwrite=true`, { body: 'id;name\n1;"a;b"\n' });
  const read = (more: string) =>
    workspace.rows(
      `SELECT id, name FROM read_files('/Volumes/workspace/ledger/stage/t/a.csv', format => 'csv', sep => ';', ${more})`,
    );
  expect(await read('header => true')).toEqual([['1', 'a;b']]);
  expect(await read("header => true, schema => 'id INT, name STRING'")).toEqual([['1', 'a;b']]);
  await workspace.emulator.close();
});

test('partition directories become columns, unless the switch says otherwise', async () => {
  for (const [partitionColumns, names] of [
    [true, ['id', 'day', '_rescued_data']],
    [false, ['id', '_rescued_data']],
  ] as const) {
    const workspace = await openWorkspace({ switches: { partitionColumns } });
    await workspace.stage('workspace/ledger/stage/t/day=3/a.parquet', 'SELECT 1 AS id');
    const answer = await workspace.sql(
      "SELECT * FROM read_files('/Volumes/workspace/ledger/stage/t', format => 'parquet')",
    );
    expect(answer.columns.map(({ name }) => name)).toEqual(names);
    await workspace.emulator.close();
  }
});

test('an empty directory has no schema to infer, and no rows under a declared one', async () => {
  const workspace = await openWorkspace({ switches: { rescuedDataWithSchema: true } });
  await workspace.call('PUT', `${directory}/empty`);
  expect(
    (
      await workspace.sql(
        "SELECT * FROM read_files('/Volumes/workspace/ledger/stage/empty', format => 'parquet')",
      )
    ).sqlState,
  ).toBe('42KD9');
  expect(
    await workspace.rows(
      "SELECT id FROM read_files('/Volumes/workspace/ledger/stage/empty', format => 'parquet', schema => 'id INT')",
    ),
  ).toEqual([]);
  await workspace.emulator.close();
});

test('Parquet types that Spark cannot read are refused', async () => {
  const workspace = await openWorkspace();
  const cases = {
    time: "TIME '10:00:00'",
    uuid: 'uuid()',
    nanos: "TIMESTAMP_NS '2026-01-31 10:00:00'",
    span: 'INTERVAL 1 DAY',
  };
  for (const [name, value] of Object.entries(cases)) {
    await workspace.stage(`workspace/ledger/stage/${name}.parquet`, `SELECT 1 AS id, ${value} AS bad`);
    const answer = await workspace.sql(
      `SELECT id FROM read_files('/Volumes/workspace/ledger/stage/${name}.parquet', format => 'parquet')`,
    );
    expect([name, answer.sqlState]).toEqual([name, '42846']);
    expect(answer.error).toContain('of column bad.');
  }
  await workspace.emulator.close();
});
