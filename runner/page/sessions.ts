// Sessions of browsers: a signed cookie that holds no secret, and the token that binds forms to it.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Milliseconds after which one has to log in again: a working day. */
export const sessionLength = 12 * 3_600_000;

export interface Session {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** What forms of this session send back. */
  readonly csrf: string;
}

export interface Sessions {
  begin(now: number): Session;
  /** The session that the header's cookie is about; undefined: none, a forged one, or one that is over. */
  of(cookies: string | undefined, now: number): Session | undefined;
  /** The cookie's header for a session; `secure` when the browser speaks HTTPS. */
  cookie(session: Session, options: { readonly now: number; readonly secure: boolean }): string;
  /** From now on its cookie is worth nothing here, wherever it may have been kept. */
  end(session: Session, now: number): void;
  /** The header that makes a browser forget. */
  readonly forget: string;
}

export interface SessionOptions {
  /** With it sessions outlive a restart, hold for every runner that has it, and end when it is changed. */
  readonly token: string | undefined;
  /** Cookies do not tell ports apart: runners of one machine must not take each other's. */
  readonly port: number;
}

/** Equal or not, it takes as long. */
export const isSame = (one: string, other: string): boolean => {
  const key = randomBytes(32);
  const digest = (text: string) => createHmac('sha256', key).update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
};

export function createSessions({ token, port }: SessionOptions): Sessions {
  const key =
    token === undefined
      ? randomBytes(32)
      : createHmac('sha256', token).update('ledgerpipe page sessions').digest();
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const sessionOf = (id: string, until: number): Session => ({ id, until, csrf: sign(`form ${id}`) });
  const name = `ledgerpipe_${port}`;
  const attributes = 'Path=/; HttpOnly; SameSite=Strict';
  const ended = new Map<string, number>();
  return {
    begin: (now) => sessionOf(randomBytes(18).toString('base64url'), now + sessionLength),
    of(cookies, now) {
      const [id = '', until = '', signature = ''] = (cookieOf(cookies, name) ?? '').split('.');
      if (!/^\d{1,15}$/.test(until) || !isSame(signature, sign(`session ${id} ${until}`))) return undefined;
      return Number(until) > now && !ended.has(id) ? sessionOf(id, Number(until)) : undefined;
    },
    cookie({ id, until }, { now, secure }) {
      const value = `${id}.${until}.${sign(`session ${id} ${until}`)}`;
      const age = Math.max(0, Math.floor((until - now) / 1000));
      return `${name}=${value}; ${attributes}; Max-Age=${age}${secure ? '; Secure' : ''}`;
    },
    end({ id, until }, now) {
      for (const [other, past] of ended) if (past <= now) ended.delete(other);
      ended.set(id, until);
    },
    forget: `${name}=; ${attributes}; Max-Age=0`,
  };
}

function cookieOf(cookies: string | undefined, name: string): string | undefined {
  const found = cookies?.split(';').find((cookie) => cookie.trim().startsWith(`${name}=`));
  return found?.trim().slice(name.length + 1);
}
