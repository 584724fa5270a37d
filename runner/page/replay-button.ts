// The form that asks for a replay.
import { type Html, html } from './html.ts';
import type { Visit } from './visit.ts';

/** One of them; `pipeline` narrows the last two. */
export type Asked =
  | { readonly job: number }
  | { readonly event: string }
  | { readonly record: string; readonly pipeline?: string }
  | { readonly failed: 'yes'; readonly pipeline?: string };

/** `of` is read out after the button's text, where several buttons have the same one. */
export const replayButton = (
  asked: Asked,
  { visit, text, of }: { readonly visit: Visit; readonly text: string; readonly of?: string },
): Html => html`<form class="replay" method="post" action="/replay">
<input type="hidden" name="csrf" value="${visit.csrf}">
${Object.entries(asked).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button>${text}${of !== undefined && html`<span class="unseen"> ${of}</span>`}</button>
</form>`;
