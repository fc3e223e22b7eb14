/** What AWS itself never shows in a build's log: ids of access keys (CB-A12). */
const ACCESS_KEY_ID = /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g;
const OWN_MARK = '[Container] ';
/** What the driver and the server write themselves: first its time and its words, then what they speak of. */
const OWN_LINE =
  /^(\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?:Entering phase [A-Z_]+(?=\n)|Phase complete: [A-Z_]+ State: [A-Z_]+(?=\n)|Phase context status code: [A-Z_]* Message: |Running command |Command did not exit successfully )?)(.*)/gm;
const SHORTEST_IN_OWN_LINES = 3;
const MASK = '***';
/** Lines of a secret of several lines that are too short say nothing, and would blot out the log. */
const SHORTEST_LINE = 4;
const LONGEST_CHARACTER_BYTES = 4;
const LONGEST_LINE_BYTES = 200 * 1024;

/** The texts to look for: whole values and, for those of several lines, each line; longest first. */
export function maskedTexts(secrets: string[]): string[] {
  const texts = secrets.flatMap((secret) => [
    secret,
    ...(secret.includes('\n')
      ? secret.split(/\r?\n/).filter((line) => line.trim().length >= SHORTEST_LINE)
      : []),
  ]);
  return [...new Set(texts)].filter((text) => text.length > 0).sort((a, b) => b.length - a.length);
}

/**
 * Lines that are Slipway's own keep their time and their words, and of what else is in them no shorter text is hidden than
 * three characters: whether AWS hides those anywhere is not known.
 */
export function mask(text: string, texts: string[]): string {
  if (!text.includes(OWN_MARK)) return hide(text, texts);
  const longer = texts.filter((secret) => secret.length >= SHORTEST_IN_OWN_LINES);
  // The words of an own line, its rest, what the build printed behind it, and so on.
  return text
    .split(OWN_LINE)
    .map((part, index) => [hide(part, texts), part, hide(part, longer)][index % 3])
    .join('');
}

function hide(text: string, texts: string[]): string {
  const hidden = texts.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  return hidden.replace(ACCESS_KEY_ID, MASK);
}

/**
 * How many bytes of `buffer` can go into the log now: whole lines; of a line that does not end, what surely
 * holds no beginning of a secret, and no half character. @param last nothing will follow
 */
export function readyBytes(buffer: Buffer, texts: string[], last: boolean): number {
  if (last) return buffer.length;
  const lines = buffer.lastIndexOf(0x0a) + 1;
  if (lines > 0) return lines;
  if (buffer.length < LONGEST_LINE_BYTES) return 0;
  const longest = texts.reduce((most, text) => Math.max(most, Buffer.byteLength(text)), 0);
  let cut = buffer.length - longest;
  for (const text of texts) {
    const from = Math.max(0, cut - Buffer.byteLength(text) + 1);
    const found = buffer.indexOf(text, from);
    if (found >= 0 && found < cut) cut = found;
  }
  return characterStart(buffer, Math.max(cut, 0));
}

/** Where the character begins that `cut` is in; in bytes that are no UTF-8 there is none to keep whole. */
function characterStart(buffer: Buffer, cut: number): number {
  for (let start = cut; start > 0 && start > cut - LONGEST_CHARACTER_BYTES; start--) {
    if (((buffer[start] ?? 0) & 0xc0) !== 0x80) return start;
  }
  return cut;
}
