/** What files and times of a repository are to a page. Pure. */

/** A file's text; undefined where it is none. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.subarray(0, 8_000).includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const PICTURES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  ico: 'image/x-icon',
};

/** Media type of a picture that can do nothing but be seen: no SVG, which is a document. */
export function pictureType(path: string): string | undefined {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(PICTURES, ending) ? PICTURES[ending] : undefined;
}

/** CodeCommit's and git's own form: `1484167798 -0800`. */
export function gitDate(text: string | undefined): Date | undefined {
  const seconds = /^(\d+)/.exec(text ?? '')?.[1];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
}

export const shortId = (id: string | undefined) => (id ?? '').slice(0, 8);

/** A commit message's first line, and what stands below it. */
export function messageOf(message = ''): { subject: string; body: string } {
  const [subject = '', ...rest] = message.split('\n');
  return { subject, body: rest.join('\n').trim() };
}

/** `refs/heads/main` as people say it. */
export const branchOf = (reference = '') => reference.replace(/^refs\/heads\//, '');

/** Who: the name at the end of an ARN (of a session, the session's). */
export const whoOf = (arn = '') => arn.replace(/^.*[:/]/, '') || arn;

export const sizeText = (bytes: number) =>
  bytes < 1_000
    ? `${bytes} B`
    : bytes < 1_000_000
      ? `${(bytes / 1_000).toFixed(1)} KB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`;

export const parentOf = (path: string) => path.split('/').slice(0, -1).join('/');
export const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
