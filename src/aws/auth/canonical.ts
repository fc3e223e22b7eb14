const UNRESERVED_PATH = /^[A-Za-z0-9\-._~/]*$/;
const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function isUnreserved(byte: number): boolean {
  return /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte));
}

/** Percent-encodes as SigV4 does: all but A-Z a-z 0-9 - . _ ~ and what `keep` matches. */
function uriEncode(text: string, keep: RegExp): string {
  return text.replace(/[^A-Za-z0-9\-._~]/g, (char) =>
    keep.test(char) ? char : Buffer.from(char, 'latin1').reduce((out, b) => out + percent(b), ''),
  );
}

/** The same text with every byte in its canonical percent-encoding, whatever encoding the sender chose. */
function normalizeEncoding(text: string, keepSlash: boolean): string {
  return text.replace(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~]/g, (token) => {
    if (token === '/' && keepSlash) return token;
    const byte =
      token.length === 3 ? Number.parseInt(token.slice(1), 16) : token.charCodeAt(0) & 0xff;
    return isUnreserved(byte) ? String.fromCharCode(byte) : percent(byte);
  });
}

function normalizeToken(text: string): string {
  if (UNRESERVED.test(text)) return text;
  // A plus sign is read as a space by whoever decodes the query, so that is what it must be signed as.
  return normalizeEncoding(text.replaceAll('+', '%20'), false);
}

/**
 * The canonical query of a raw query string: pairs in canonical encoding, sorted by name and then value.
 * @param without a parameter to leave out, in lower case: the signature itself
 */
export function canonicalQuery(query: string, without?: string): string {
  if (query === '') return '';
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = normalizeToken(equals < 0 ? part : part.slice(0, equals));
    if (name.toLowerCase() === without) continue;
    pairs.push([name, equals < 0 ? '' : normalizeToken(part.slice(equals + 1))]);
  }
  pairs.sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

/** RFC 3986 path normalisation as SigV4 clients do it: no empty segments, no `.`, `..` resolved. */
function normalizePath(path: string): string {
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') out.pop();
    else out.push(segment);
  }
  const end = out.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${out.join('/')}${end}`;
}

/**
 * The paths that a client may have signed, most likely first.
 * S3 signs the path encoded once and never normalised; every other service encodes the sent path again.
 */
export function canonicalPaths(path: string, ofObject: boolean): string[] {
  if (path === '/' || path === '') return ['/'];
  if (ofObject) {
    const canonical = UNRESERVED_PATH.test(path) ? path : normalizeEncoding(path, true);
    return canonical === path ? [path] : [canonical, path];
  }
  const encoded = uriEncode(normalizePath(path), /\//);
  // Some clients leave the path as it is, dots and double slashes included.
  const literal = uriEncode(path, /\//);
  return encoded === literal ? [encoded] : [encoded, literal];
}

/** A header's value as it is signed: trimmed, runs of blanks made one. */
export function canonicalHeaderValue(value: string): string {
  return /^\S+$/.test(value) ? value : value.trim().replace(/\s+/g, ' ');
}
