import { ownValue } from '../../lib/own.ts';

/** What forges send is read by paths, and nothing of it is believed but what it can be. */

export type Headers = Readonly<Record<string, string | undefined>>;

/** A value deep in a body, or undefined where it is another's. */
export function at(body: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null
          ? ownValue(value as Record<string, unknown>, name)
          : undefined,
      body,
    );
}

/** A text or a number, cut at a length that no name has. */
export const text = (body: unknown, path: string, most = 1000): string => {
  const value = at(body, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, most) : '';
};

/** The id of a commit; forges have zeros for none. */
export const commit = (body: unknown, path: string): string | undefined => {
  const id = text(body, path);
  return /^[0-9a-f]{40}$/.test(id) && !/^0+$/.test(id) ? id : undefined;
};

/** JSON, or JSON in a form, as GitHub's older setting sends it; undefined for what is none. */
export function parsePayload(bytes: Buffer): unknown {
  const sent = bytes.toString();
  try {
    const form = sent.startsWith('payload=') ? new URLSearchParams(sent).get('payload') : null;
    return JSON.parse(form ?? sent);
  } catch {
    return undefined;
  }
}
