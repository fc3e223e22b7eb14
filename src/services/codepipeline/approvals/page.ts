import type { WireResponse } from '../../../aws/http.ts';
import type { Waiting } from './waiting.ts';

/** It runs nothing, sends to nobody else, stands in no other page, and tells nobody its address, which holds the token. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

const ESCAPES: [RegExp, string][] = [
  [/&/g, '&amp;'],
  [/</g, '&lt;'],
  [/>/g, '&gt;'],
  [/"/g, '&quot;'],
  [/'/g, '&#39;'],
];

const escaped = (text: string) =>
  ESCAPES.reduce((done, [what, by]) => done.replace(what, by), text);

const page = (title: string, body: string): WireResponse => ({
  status: 200,
  headers: HEADERS,
  body: `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title>\n<h1>${escaped(title)}</h1>\n${body}\n</html>\n`,
});

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
    .map(([name = '', value = '']) => `<dt>${name}<dd>${escaped(value)}`)
    .join('\n');
  return page(
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
  page(status, '<p>The answer has been given. You can close this page.</p>');
