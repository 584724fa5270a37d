// The form that asks for the token.
import { html } from './html.ts';
import type { Page } from './layout.ts';

export interface LoginForm {
  /** Where to go then: a path of this page. */
  readonly to: string;
  readonly problem?: string;
}

export const loginPage = ({ to, problem }: LoginForm): Page => ({
  title: 'Log in',
  content: html`<form class="login" method="post" action="/login">
${problem !== undefined && html`<p class="problem" role="alert" id="problem">${problem}</p>`}
<p><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus${
    problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`
  }></p>
<input type="hidden" name="to" value="${to}">
<p><button>Log in</button></p>
<p class="quiet">It is the "token" of "http" in <code>ledgerpipe.yaml</code>.</p>
</form>`,
});
