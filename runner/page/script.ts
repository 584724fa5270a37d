// The page's only script: it keeps what runs up to date. Without it everything works, by loading the page again.

/**
 * Asks for the live part once a second while something runs or a job is looked at, else every three. When jobs have come or gone, the
 * parts of the page that are marked as fresh are exchanged for those of the page as it is now. What holds the
 * keyboard's focus, or was opened, is never exchanged.
 */
export const script = `const region = document.querySelector('[data-live]');
const notice = document.querySelector('[data-notice]');
const say = (text) => { if (notice && notice.textContent !== text) notice.textContent = text; };
const parsed = (text) => new DOMParser().parseFromString(text, 'text/html');
const inUse = (part) => part.contains(document.activeElement) || part.querySelector('details[open]');
const idle = region && region.dataset.live.includes('job=') ? 1000 : 3000;
let refreshedAt = Date.now();

const load = async (address) => {
  const reply = await fetch(address, { headers: { accept: 'text/html' }, credentials: 'same-origin' });
  if (reply.status === 401) location.reload();
  if (!reply.ok) throw new Error(String(reply.status));
  return parsed(await reply.text());
};

const refresh = async () => {
  const page = await load(location.href);
  for (const part of document.querySelectorAll('[data-fresh]')) {
    const fresh = page.getElementById(part.id);
    if (fresh && !inUse(part)) part.replaceWith(fresh);
  }
  refreshedAt = Date.now();
};

const look = async () => {
  const found = (await load(region.dataset.live)).querySelector('[data-mark]');
  const before = region.querySelector('[data-mark]');
  if (!found) return;
  const changed = !before || before.dataset.mark !== found.dataset.mark;
  if (!inUse(region)) region.replaceChildren(document.adoptNode(found));
  const age = Date.now() - refreshedAt;
  if ((changed && age > 2000) || age > 60000) await refresh();
  else if (changed) refreshedAt = 0;
};

const turn = async () => {
  if (document.visibilityState === 'visible') {
    try {
      await look();
      say('');
    } catch {
      say('The runner does not answer: what you see is not up to date. Trying again.');
    }
  }
  setTimeout(turn, region.querySelector('[data-busy]') ? 1000 : idle);
};

if (region) setTimeout(turn, 1000);
`;
