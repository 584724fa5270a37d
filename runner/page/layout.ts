// The frame of every page: title, skip link, navigation, content, footer.
import { scriptLink, styleLink } from './assets.ts';
import { type Html, html, textOf } from './html.ts';
import { utc } from './times.ts';
import type { Visit } from './visit.ts';

const sections = {
  overview: ['/', 'Overview'],
  failures: ['/failures', 'Failures'],
  jobs: ['/jobs', 'Jobs'],
  audit: ['/audit', 'Audit trail'],
  quotas: ['/quotas', 'Quotas'],
} as const;

export interface Page {
  readonly title: string;
  /** The entry of the navigation that it belongs to. */
  readonly section?: keyof typeof sections;
  readonly content: Html;
}

/** The whole document. */
export const documentOf = ({ title, section, content }: Page, visit: Visit): string =>
  textOf(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ledgerpipe</title>
${visit.again === true && html`<meta http-equiv="refresh" content="0">`}
<link rel="stylesheet" href="${styleLink}">
<script type="module" src="${scriptLink}"></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<p class="brand"><a href="/">ledgerpipe</a></p>
${section !== undefined && navigation(section)}
${visit.signedIn && signOut(visit)}
</header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
<footer><p>ledgerpipe ${visit.version} · as of <time datetime="${new Date(visit.now).toISOString()}">${utc(visit.now)}</time></p></footer>
</body>
</html>
`);

const navigation = (current: keyof typeof sections): Html => html`<nav aria-label="Main"><ul>
${Object.entries(sections).map(
  ([name, [link, text]]) =>
    html`<li><a href="${link}"${name === current && html` aria-current="page"`}>${text}</a></li>
`,
)}</ul></nav>`;

const signOut = ({ csrf }: Visit): Html =>
  html`<form class="sign-out" method="post" action="/logout"><input type="hidden" name="csrf" value="${csrf}"><button>Log out</button></form>`;
