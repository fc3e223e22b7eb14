import { documentOf } from './row.ts';

/** Fields that AWS finds in one event of JSON, at most. */
const MAX_FIELDS = 200;
const MAX_DEPTH = 20;

/** The fields of an event that is JSON, by their paths: `a.b.0`. What is null is none. */
export function discoveredFields(message: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string, depth: number): void => {
    if (value === null || value === undefined || found.size >= MAX_FIELDS) return;
    if (typeof value !== 'object') {
      found.set(path, String(value));
      return;
    }
    if (depth >= MAX_DEPTH) return;
    for (const [key, inner] of Object.entries(value))
      walk(inner, path === '' ? key : `${path}.${key}`, depth + 1);
  };
  walk(documentOf(message), '', 0);
  return found;
}
