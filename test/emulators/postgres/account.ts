// Whom PostgreSQL runs as: the caller, or an account without rights where the caller is root, which it refuses.
import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';

/** What `spawn` needs to run as that account, and its number for the names of folders. */
export interface Account {
  readonly uid: number;
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

/** PostgreSQL wants a uid that the system knows by a name: "nobody" is one on every Unix. */
export function unprivilegedAccount(): Account {
  account ??= findAccount();
  return account;
}

let account: Account | undefined;

function findAccount(): Account {
  const { uid } = userInfo();
  if (uid !== 0) return { uid, ids: {} };
  const numberOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }).trim());
  const ids = { uid: numberOf('-u'), gid: numberOf('-g') };
  return { uid: ids.uid, ids };
}
