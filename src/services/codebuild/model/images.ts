import { ownValue } from '../../../lib/own.ts';

/**
 * The image that is used for one that a project names: what the server was told of that name (`--images`), else of the longest
 * beginning of it, else itself.
 */
export function imageFor(images: Record<string, string>, name: string): string {
  const exact = ownValue(images, name);
  if (exact !== undefined) return exact;
  const [found] = Object.entries(images)
    .filter(([pattern]) => pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)))
    .sort(([a], [b]) => b.length - a.length);
  return found?.[1] ?? name;
}
