/** Where a bucket's events go, and which. */
export interface Notification {
  id: string;
  kind: 'topic' | 'queue' | 'function';
  arn: string;
  /** `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete` … */
  events: string[];
  prefix?: string | undefined;
  suffix?: string | undefined;
}

/** What happens to objects here that S3 tells of: the event's name without `s3:`. */
export type Happening =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete';

/** The notifications that want to hear of this. At most one, unless they are of tags and of contents. */
export function wanting(
  notifications: readonly Notification[] | undefined,
  happening: Happening,
  key: string,
): Notification[] {
  return (notifications ?? []).filter(
    ({ events, prefix = '', suffix = '' }) =>
      key.startsWith(prefix) &&
      key.endsWith(suffix) &&
      events.some((event) => covers(event, `s3:${happening}`)),
  );
}

/** `s3:ObjectCreated:*` is all that begin so. */
function covers(pattern: string, event: string): boolean {
  return pattern.endsWith('*') ? event.startsWith(pattern.slice(0, -1)) : event === pattern;
}

/** Why two notifications of one bucket cannot be: an object would be told of twice. */
export function overlap(a: Notification, b: Notification): 'events' | 'filters' | undefined {
  const shared = a.events.some((one) =>
    b.events.some((other) => covers(one, other) || covers(other, one)),
  );
  if (!shared || !nested(a.prefix, b.prefix, begins) || !nested(a.suffix, b.suffix, ends))
    return undefined;
  const filtered = [a.prefix, a.suffix, b.prefix, b.suffix].some((filter) => filter !== undefined);
  return filtered ? 'filters' : 'events';
}

const begins = (text: string, part: string) => text.startsWith(part);
const ends = (text: string, part: string) => text.endsWith(part);

/** May a key fit both? */
function nested(a = '', b = '', fits: (text: string, part: string) => boolean): boolean {
  return fits(a, b) || fits(b, a);
}
