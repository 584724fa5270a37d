// One SFTP session: the operations of version 3 that a client of files needs, on files in memory.
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2';
import { absolute, type Files } from './files.ts';
import type { Behaviour } from './index.ts';

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

interface Session {
  readonly files: Files;
  readonly behaviour: Behaviour;
  /** Ends the connection without an answer. */
  readonly cut: () => void;
}

/** An open file, or a folder being listed. */
interface Handle {
  readonly path: string;
  content: Buffer;
  listed: boolean;
}

export function serveFiles(sftp: SFTPWrapper, { files, behaviour, cut }: Session): void {
  const handles = new Map<number, Handle>();
  let last = 0;
  /** Whether the operation goes on; the answer to a forbidden one is given here. */
  const goesOn = (operation: string, id: number, path = ''): boolean => {
    if (behaviour.cut?.operation === operation) {
      behaviour.cut.skip -= 1;
      if (behaviour.cut.skip < 0) {
        behaviour.cut = undefined;
        cut();
        return false;
      }
    }
    const forbidden = behaviour.forbidden !== undefined && absolute(path).startsWith(behaviour.forbidden);
    if (forbidden) sftp.status(id, STATUS_CODE.PERMISSION_DENIED);
    return !forbidden;
  };
  const done = (id: number, ok: boolean): void => sftp.status(id, ok ? STATUS_CODE.OK : STATUS_CODE.FAILURE);
  const give = (id: number, handle: Handle): void => {
    last += 1;
    handles.set(last, handle);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(last);
    sftp.handle(id, bytes);
  };
  const handleOf = (bytes: Buffer): Handle | undefined => handles.get(bytes.readUInt32BE(0));

  sftp.on('OPEN', (id, path, flags) => {
    const writes = (flags & OPEN_MODE.WRITE) !== 0;
    if (!goesOn('OPEN', id, writes ? path : '')) return;
    const found = files.get(path);
    if (!writes && !found) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    if (writes && !files.put(path, Buffer.alloc(0))) return sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
    give(id, { path, content: writes ? Buffer.alloc(0) : (found ?? Buffer.alloc(0)), listed: false });
  });
  sftp.on('WRITE', (id, bytes, offset, data) => {
    const handle = handleOf(bytes);
    if (!goesOn('WRITE', id) || !handle) return;
    const grown = Buffer.alloc(Math.max(handle.content.length, offset + data.length));
    handle.content.copy(grown);
    data.copy(grown, offset);
    handle.content = grown;
    files.put(handle.path, grown);
    done(id, true);
  });
  sftp.on('READ', (id, bytes, offset, length) => {
    const part = handleOf(bytes)?.content.subarray(offset, offset + length);
    if (part && part.length > 0) sftp.data(id, part);
    else sftp.status(id, STATUS_CODE.EOF);
  });
  sftp.on('CLOSE', (id, bytes) => {
    if (goesOn('CLOSE', id)) done(id, handles.delete(bytes.readUInt32BE(0)));
  });
  sftp.on('FSTAT', (id, bytes) => sftp.attrs(id, attributesOf(handleOf(bytes)?.content)));
  sftp.on('FSETSTAT', (id) => done(id, true));
  sftp.on('SETSTAT', (id) => done(id, true));
  const stat = (id: number, path: string): void => {
    if (!goesOn('STAT', id)) return;
    const found = files.get(path);
    if (found || files.isFolder(path)) sftp.attrs(id, attributesOf(found));
    else sftp.status(id, STATUS_CODE.NO_SUCH_FILE);
  };
  sftp.on('STAT', stat);
  sftp.on('LSTAT', stat);
  sftp.on('REALPATH', (id, path) =>
    sftp.name(id, [{ filename: absolute(path), longname: absolute(path), attrs: attributesOf(undefined) }]),
  );
  sftp.on('MKDIR', (id, path) => {
    if (goesOn('MKDIR', id, path)) done(id, files.makeFolder(path));
  });
  sftp.on('REMOVE', (id, path) => {
    if (!goesOn('REMOVE', id, path)) return;
    sftp.status(id, files.remove(path) ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE);
  });
  sftp.on('RENAME', (id, from, to) => {
    if (goesOn('RENAME', id, to)) done(id, files.rename(from, to, { replacing: false }));
  });
  sftp.on('EXTENDED', (id, name, data) => {
    if (name !== 'posix-rename@openssh.com' || !behaviour.posixRename)
      return sftp.status(id, STATUS_CODE.OP_UNSUPPORTED);
    const length = data.readUInt32BE(0);
    const from = data.subarray(4, 4 + length).toString();
    const to = data.subarray(8 + length).toString();
    if (goesOn('RENAME', id, to)) done(id, files.rename(from, to, { replacing: true }));
  });
}

/** A file's, or without content a folder's. */
const attributesOf = (content: Buffer | undefined): Attributes => ({
  mode: content ? 0o100644 : 0o040755,
  uid: 0,
  gid: 0,
  size: content?.length ?? 0,
  atime: 0,
  mtime: 0,
});
