// How the page looks: light and dark, wide and narrow. Signs and words say what colours say.

export const style = `:root {
  color-scheme: light dark;
  --paper: #ffffff; --raised: #f6f8fa; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --accent: #0a58a8;
  --good: #1a6b35; --good-back: #e6f4ea; --busy: #0a58a8; --busy-back: #e5f0fb; --idle: #4d565f; --idle-back: #eceff2;
  --warn: #7a4b00; --warn-back: #fdf1d8; --bad: #ab1f17; --bad-back: #fdeceb; --button: #0a58a8; --button-ink: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1419; --raised: #171d24; --ink: #e6e9ec; --quiet: #9da7b1; --line: #343c45; --accent: #79b8ff;
    --good: #63d391; --good-back: #12281b; --busy: #79b8ff; --busy-back: #12233a; --idle: #b3bcc5; --idle-back: #232a32;
    --warn: #f2bd4b; --warn-back: #2e240f; --bad: #ff938a; --bad-back: #341816; --button: #79b8ff; --button-ink: #0b1724;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 80rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1.5rem; padding-block: 0.75rem; border-bottom: 1px solid var(--line); }
header p { margin: 0; }
.brand a { color: inherit; font-weight: 700; text-decoration: none; }
header ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0; padding: 0; list-style: none; }
header ul a { display: inline-block; padding: 0.25rem 0; text-decoration: none; }
header ul a[aria-current] { color: inherit; font-weight: 600; box-shadow: inset 0 -2px var(--accent); }
.sign-out { margin-left: auto; }
.sign-out button { background: none; color: var(--accent); border-color: var(--line); }
main { padding-block: 0.5rem 2rem; }
main:focus { outline: none; }
footer { border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.875rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1rem 0 0.75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.6rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 0.5rem; top: 0.5rem; z-index: 1; padding: 0.5rem 1rem; background: var(--paper); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
small, .quiet { color: var(--quiet); font-size: 0.85rem; }
td small, th small { display: block; font-weight: 400; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
.headline { border-left: 4px solid var(--good); padding: 0.4rem 0.9rem; background: var(--raised); font-size: 1.05rem; }
.headline.bad { border-color: var(--bad); }
.empty { color: var(--quiet); margin: 0.25rem 0; }
.notice { color: var(--warn); margin: 0; }
.notice:empty { display: none; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; margin: 0.5rem 0; }
.row > * { margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.75rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles a { display: block; height: 100%; padding: 0.7rem 0.9rem; border: 1px solid var(--line); border-radius: 6px; color: inherit; text-decoration: none; }
.tiles a:hover { border-color: var(--accent); }
.tiles strong { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--quiet); font-size: 0.875rem; }
.cards { display: grid; gap: 0.75rem; }
.card { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 6px; padding: 0.75rem 1rem; }
.card p { margin: 0.35rem 0; }
.card .row { margin: 0; }
.card .quiet small { margin-left: 0.35em; }
.reason { overflow-wrap: anywhere; white-space: pre-line; }
form.replay { margin: 0.5rem 0; }
.card form.replay { margin-bottom: 0.1rem; }
.row form.replay, td form.replay { margin: 0; }
.remedy { color: var(--quiet); }
.badge { display: inline-block; padding: 0.05rem 0.55rem; border-radius: 1rem; font-size: 0.85rem; font-weight: 600; white-space: nowrap; }
.badge.good { color: var(--good); background: var(--good-back); }
.badge.busy { color: var(--busy); background: var(--busy-back); }
.badge.idle { color: var(--idle); background: var(--idle-back); }
.badge.warn { color: var(--warn); background: var(--warn-back); }
.badge.bad { color: var(--bad); background: var(--bad-back); }
.bad-text { color: var(--bad); }
.problem { color: var(--bad); }
section.problem { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 6px; padding: 0.1rem 1rem; margin: 1rem 0; color: inherit; }
section.problem h2 { margin-top: 0.6rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { width: 100%; border-collapse: collapse; font-size: 0.925rem; }
th, td { padding: 0.5rem 0.75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; background: var(--raised); color: var(--quiet); font-size: 0.85rem; white-space: nowrap; }
tbody th { font-weight: 500; min-width: 4rem; max-width: 26rem; overflow-wrap: break-word; }
tbody th:has(small) { min-width: 11rem; }
td:last-child:not(.figures) { min-width: 11rem; }
td { min-width: 6rem; max-width: 26rem; overflow-wrap: break-word; }
td code { overflow-wrap: anywhere; }
time small { white-space: nowrap; }
.figures { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 0.75rem 1.5rem; margin: 0.5rem 0 1rem; }
.facts dt { color: var(--quiet); font-size: 0.85rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts small { display: block; }
form.filter { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem 1rem; margin: 0.5rem 0 1rem; }
form.filter p { margin: 0; }
label { display: block; margin-bottom: 0.25rem; color: var(--quiet); font-size: 0.85rem; }
input, select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 4px; padding: 0.35rem 0.6rem; min-height: 2.25rem; max-width: 100%; }
input { width: 14rem; }
input::placeholder { color: var(--quiet); opacity: 1; }
input[aria-invalid] { border-color: var(--bad); }
span.problem { display: block; font-size: 0.85rem; }
button { background: var(--button); color: var(--button-ink); border-color: var(--button); font-weight: 600; cursor: pointer; }
.login { max-width: 22rem; }
.login input { width: 100%; }
.pager { display: flex; gap: 1.25rem; align-items: center; margin: 0.75rem 0; }
.plot { margin: 0; }
.plot svg { display: block; width: 100%; min-width: 40rem; max-height: 20rem; }
.plot text { fill: var(--quiet); font-size: 12px; }
.plot .grid { stroke: var(--line); }
.plot .bar { fill: var(--accent); }
.plot .slot { fill: transparent; }
.plot .day:hover .slot { fill: var(--raised); }
figcaption, details { margin-top: 0.5rem; color: var(--quiet); font-size: 0.9rem; }
details table { color: var(--ink); }
details .scroll { max-height: 20rem; overflow-y: auto; margin-top: 0.5rem; }
summary { cursor: pointer; }
@media print { header nav, form, .skip { display: none; } }
`;
