import { ownValue } from './own.ts';

/**
 * Where a repository of a forge really is: in a closed network another forge stands in for github.com (`--forges`). A URL of
 * a host that nothing stands in for is its own.
 * @param forges host name, with its port where the URL says one, to the URL below which its repositories are
 */
export function standIn(forges: Readonly<Record<string, string>>, url: string): string {
  const parsed = URL.parse(url);
  const base = parsed && ownValue(forges, parsed.host);
  return base === undefined || base === null ? url : `${base}${parsed?.pathname ?? ''}`;
}
