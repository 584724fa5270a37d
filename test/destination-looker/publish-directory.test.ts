// The generated files in a folder: written, kept, removed, and nobody else's touched.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marker } from '../../destination-looker/model/index.ts';
import { writeFiles } from '../../destination-looker/publish/directory.ts';

const file = (path: string, text = 'view: v {}') => ({ path, content: `${marker}\n\n${text}\n` });

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgerpipe-publish-'));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('files are written once, and a second time changes nothing', () =>
  inFolder(async (folder) => {
    const files = [file('m/m.model.lkml'), file('m/views/a.view.lkml')];
    expect(await writeFiles(folder, files, { name: 'm', shrink: true })).toEqual({
      written: ['m/m.model.lkml', 'm/views/a.view.lkml'],
      removed: [],
      kept: [],
    });
    const before = await stat(join(folder, 'm/m.model.lkml'));
    expect(await writeFiles(folder, files, { name: 'm', shrink: true })).toEqual({
      written: [],
      removed: [],
      kept: [],
    });
    expect((await stat(join(folder, 'm/m.model.lkml'))).ino).toBe(before.ino);
  }));

test('a file that is generated no more goes, a file of somebody else stays', () =>
  inFolder(async (folder) => {
    await writeFiles(folder, [file('m/views/a.view.lkml'), file('m/views/b.view.lkml')], {
      name: 'm',
      shrink: true,
    });
    await writeFile(join(folder, 'm/views/refined.view.lkml'), 'view: +a {}\n');
    await writeFile(join(folder, 'm/notes.md'), `${marker}\n`);
    await mkdir(join(folder, 'other'));
    await writeFile(join(folder, 'other/x.view.lkml'), `${marker}\n`);
    const changes = await writeFiles(folder, [file('m/views/a.view.lkml', 'view: a {}')], {
      name: 'm',
      shrink: true,
    });
    expect(changes).toEqual({ written: ['m/views/a.view.lkml'], removed: ['m/views/b.view.lkml'], kept: [] });
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'm',
      'm/notes.md',
      'm/views',
      'm/views/a.view.lkml',
      'm/views/refined.view.lkml',
      'other',
      'other/x.view.lkml',
    ]);
  }));

test('a run of fewer streams takes no view away, and writes nothing, unless the model shall shrink', () =>
  inFolder(async (folder) => {
    await writeFiles(folder, [file('m/views/a.view.lkml'), file('m/views/b.view.lkml')], {
      name: 'm',
      shrink: false,
    });
    const fewer = [file('m/views/a.view.lkml', 'view: a {}')];
    expect(await writeFiles(folder, fewer, { name: 'm', shrink: false })).toEqual({
      written: [],
      removed: [],
      kept: ['m/views/b.view.lkml'],
    });
    expect(await readdir(join(folder, 'm/views'))).toEqual(['a.view.lkml', 'b.view.lkml']);
  }));

test('a path that somebody else has taken is refused before anything is written', () =>
  inFolder(async (folder) => {
    await mkdir(join(folder, 'm'));
    await writeFile(join(folder, 'm/m.model.lkml'), 'connection: "theirs"\n');
    const writing = writeFiles(folder, [file('m/a.view.lkml'), file('m/m.model.lkml')], {
      name: 'm',
      shrink: true,
    });
    await expect(writing).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('Cannot write "m/m.model.lkml"'),
    });
    expect(await readFile(join(folder, 'm/m.model.lkml'), 'utf8')).toBe('connection: "theirs"\n');
    expect(await readdir(join(folder, 'm'))).toEqual(['m.model.lkml']);
  }));
