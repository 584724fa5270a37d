// What is shown instead of a page.
import { html } from './html.ts';
import type { Page } from './layout.ts';
import type { Refusal } from './refusals.ts';

export const problemPage = ({ title, message }: Refusal): Page => ({
  title,
  content: html`<p class="problem" role="alert">${message}</p>
<p><a href="/">To the overview</a></p>`,
});
