import { outageOf } from './outage.ts';

const LONGEST = 300;
/** What is looked through: a message may hold a whole file. */
const LOOKED_AT = 2_000;

/**
 * What people are told of a failure: its kind and its message, without what a message may quote of users' values,
 * without paths and addresses, and without what looks like a key.
 */
export function failureWords(error: unknown): string {
  const outage = outageOf(error);
  if (outage) return outage.reason;
  if (!(error instanceof Error)) return 'unknown';
  const { code, syscall, name } = error as NodeJS.ErrnoException;
  // Of the system: the message is code, call and paths.
  if (code !== undefined && syscall !== undefined) return `${code} (${syscall})`;
  const said = harmless(error.message);
  return cut(said === '' ? name : `${name}: ${said}`, LONGEST);
}

function harmless(message: string): string {
  return (
    cut(message, LOOKED_AT)
      .replace(/\s+/g, ' ')
      .replace(/"[^"]*(?:"|$)|`[^`]*(?:`|$)/g, '"…"')
      // An apostrophe inside a word quotes nothing.
      .replace(/(?<!\w)'[^']*(?:'|$)/g, "'…'")
      .replace(/\b[a-z][a-z0-9+.-]{1,20}:\/\/\S*/gi, '…')
      .replace(/(?<![\w/.:…-])(?:[A-Za-z]:)?[~.]{0,2}[/\\]\S*/g, '…')
      .replace(/\b(password|passwd|secret|token|credential|key)s?\s*[:=]\s*\S+/gi, '$1 …')
      .replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '…')
      .replace(/(?<![\w/+:-])(?=[A-Za-z/+_-]*\d)[\w/+-]{32,}=*(?![\w-])/g, (word) =>
        UUID.test(word) ? word : '…',
      )
      .trim()
  );
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
