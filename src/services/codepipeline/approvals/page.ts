import type { WireResponse } from '../../../aws/http.ts';
import { escapedHtml, htmlPage } from '../../../kit/html-page.ts';
import type { Waiting } from './waiting.ts';

/** Asks who has followed the link: to look is not to answer, since programs that check mails look too. */
export function askPage({ pipeline, run }: Waiting): WireResponse {
  const { CustomData = '', ExternalEntityLink = '' } = run.input.resolvedConfiguration;
  const facts = [
    ['Pipeline', pipeline.name],
    ['Stage', run.stageName],
    ['Action', run.actionName],
    ['Content to review', ExternalEntityLink],
    ['Comments', CustomData],
  ].filter(([, value]) => value);
  const rows = facts
    .map(([name = '', value = '']) => `<dt>${name}<dd>${escapedHtml(value)}`)
    .join('\n');
  return htmlPage(
    'Approve or reject',
    `<dl>\n${rows}\n</dl>
<form method="post">
<p><label>Comments <input name="summary" maxlength="512"></label>
<p><button name="status" value="Approved">Approve</button>
<button name="status" value="Rejected">Reject</button>
</form>`,
  );
}

export const donePage = (status: string): WireResponse =>
  htmlPage(status, '<p>The answer has been given. You can close this page.</p>');
