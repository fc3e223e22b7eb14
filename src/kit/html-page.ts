import type { WireResponse } from '../aws/http.ts';

/** It runs nothing, sends to nobody else, stands in no other page, and tells nobody its address, which may hold a token. */
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

/** Text as HTML has it, in which nothing that somebody chose is more than text. */
export const escapedHtml = (text: string): string =>
  ESCAPES.reduce((done, [what, by]) => done.replace(what, by), text);

/** A page of the server's own. @param body HTML */
export const htmlPage = (title: string, body: string): WireResponse => ({
  status: 200,
  headers: HEADERS,
  body: `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>${escapedHtml(title)}</title>\n<h1>${escapedHtml(title)}</h1>\n${body}\n</html>\n`,
});
