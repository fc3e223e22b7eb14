/*
 * Where the user is: AWS's own addresses, `/_slipway/console/SERVICE/home?region=REGION#FRAGMENT` (src/lib/console-url.ts
 * makes them on the server). Pure; router.ts holds the browser's.
 */

export const BASE = '/_slipway/console/';

export interface Place {
  /** As AWS's console has it in its path: `codepipeline`, `cloudwatch`, `home`. */
  service: string;
  /** Undefined where the address names none. */
  region: string | undefined;
  /** Without `#`; with its own query, as in `/view/NAME?tab=history`. */
  fragment: string;
}

/** @param url of this page; only path, query and fragment count */
export function placeOf(url: URL | Location): Place {
  const [service = ''] = url.pathname.slice(BASE.length).split('/');
  return {
    service: service === '' ? 'home' : service,
    region: new URLSearchParams(url.search).get('region') ?? undefined,
    // Some of AWS's links have two.
    fragment: url.hash.replace(/^#{1,2}/, ''),
  };
}

/** A path on this server. */
export function hrefOf({ service, region, fragment }: Place): string {
  const path = service === 'home' ? 'home' : `${service}/home`;
  const query = region === undefined ? '' : `?region=${encodeURIComponent(region)}`;
  return `${BASE}${path}${query}${fragment === '' ? '' : `#${fragment}`}`;
}

/** Fills `:name` of a pattern, each as one segment. */
export const fragmentOf = (pattern: string, names: Record<string, string> = {}) =>
  pattern.replace(/[:*]([a-zA-Z]+)/g, (whole, name: string) =>
    Object.hasOwn(names, name) ? encodeURIComponent(names[name] ?? '') : whole,
  );

const decoded = (text: string) => {
  try {
    // CloudWatch writes `$25` for `%` in fragments.
    const once = decodeURIComponent(text.replaceAll('$25', '%'));
    return text.includes('$25') ? decodeURIComponent(once) : once;
  } catch {
    return text;
  }
};

export interface Match {
  params: Record<string, string>;
  query: URLSearchParams;
}

/**
 * What a fragment has where a pattern has names: `:name` for one segment, `*name` for all that is left. Undefined where it
 * is not of that pattern. Segments are decoded. What stands behind a second `#` (a comment's id) is `anchor` of the query.
 */
export function match(pattern: string, fragment: string): Match | undefined {
  const [, path = '', asked = '', anchor] =
    /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(fragment) ?? [];
  const query = new URLSearchParams(asked);
  if (anchor !== undefined) query.set('anchor', anchor);
  const wanted = segments(pattern);
  const found = segments(path);
  const params: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    if (segment.startsWith('*')) {
      params[segment.slice(1)] = found.slice(i).map(decoded).join('/');
      return { params, query };
    }
    const there = found[i];
    if (there === undefined) return undefined;
    if (segment.startsWith(':')) params[segment.slice(1)] = decoded(there);
    else if (segment !== there) return undefined;
  }
  return found.length === wanted.length ? { params, query } : undefined;
}

const segments = (path: string) => path.replace(/^\//, '').replace(/\/$/, '').split('/');
