// Where a request comes from: whether by a name of this machine, and whether from a form of this page.
import type { IncomingHttpHeaders } from 'node:http';

const loopbackName = /^(localhost|([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const hostnameOf = (host: string): string => host.toLowerCase().replace(/:\d*$/, '');

const forwarding = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const;

/**
 * A page without a login is for this machine alone. A foreign name that was made to mean 127.0.0.1 (DNS rebinding),
 * and a tunnel that is there for webhooks, both arrive on loopback: their headers give them away.
 */
export const isLocal = (headers: IncomingHttpHeaders): boolean =>
  loopbackName.test(hostnameOf(headers.host ?? '')) &&
  forwarding.every((name) => headers[name] === undefined);

/**
 * Whether a form of this page sent it. Browsers say so by `Sec-Fetch-Site`, which no script can set, older ones by
 * `Origin` alone; a request that says neither is no browser's, or hides. `publicUrl` is for proxies that change `Host`.
 */
export function isOwnForm(headers: IncomingHttpHeaders, publicUrl: string | undefined): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const host = hostOf(headers.origin);
  return host !== undefined && (host === headers.host?.toLowerCase() || host === hostOf(publicUrl));
}

/** Whether the browser came by a link of another site. */
export const isFromElsewhere = (headers: IncomingHttpHeaders): boolean => {
  const site = headers['sec-fetch-site'];
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] === 'navigate';
};

/** Whether the browser speaks HTTPS, to us or to a proxy before us. */
export const isSecure = ({ origin }: IncomingHttpHeaders): boolean => origin?.startsWith('https://') ?? false;

function hostOf(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;
}
