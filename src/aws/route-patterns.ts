import type { WireRequest } from './http.ts';

/** Where a route is: which requests are its. */
export interface Place {
  /** Default: all. */
  methods?: readonly string[];
  /** A host name, or `*.` and the end of one; without a port. Default: all. */
  host?: string;
  /** `/v1/repos/{repository}/info/refs`; `{rest*}` as the last segment takes all that follows, slashes included. */
  path: string;
}

/** How the requests of one place are to those of another. */
type Relation = 'disjoint' | 'same' | 'narrower' | 'wider' | 'crossing';

/** Which of two places is for a request that both could take: the narrower one, as everywhere where the narrower is an exception. */
export function compare(a: Place, b: Place): Relation {
  return [
    ofMethods(a.methods, b.methods),
    ofHosts(a.host, b.host),
    ofPaths(a.path.split('/'), b.path.split('/')),
  ].reduce(both);
}

/** The relation of pairs, where this is that of their first and that of their second members. */
function both(one: Relation, other: Relation): Relation {
  if (one === 'disjoint' || other === 'disjoint') return 'disjoint';
  if (one === 'same' || one === other) return other;
  return other === 'same' ? one : 'crossing';
}

function ofMethods(a: readonly string[] | undefined, b: readonly string[] | undefined): Relation {
  if (!a || !b) return a ? 'narrower' : b ? 'wider' : 'same';
  const inA = b.filter((method) => a.includes(method)).length;
  if (inA === 0) return 'disjoint';
  if (inA === a.length) return inA === b.length ? 'same' : 'narrower';
  return inA === b.length ? 'wider' : 'crossing';
}

function ofHosts(a: string | undefined, b: string | undefined): Relation {
  if (a === b) return 'same';
  if (a === undefined || b === undefined) return a === undefined ? 'wider' : 'narrower';
  if (a.startsWith('*.') && b.endsWith(a.slice(1))) return 'wider';
  return b.startsWith('*.') && a.endsWith(b.slice(1)) ? 'narrower' : 'disjoint';
}

function ofPaths([a, ...as]: string[], [b, ...bs]: string[]): Relation {
  if (a === undefined || b === undefined) return a === b ? 'same' : 'disjoint';
  if (isRest(a)) return isRest(b) ? 'same' : 'wider';
  if (isRest(b)) return 'narrower';
  return both(ofSegments(a, b), ofPaths(as, bs));
}

function ofSegments(a: string, b: string): Relation {
  if (isLabel(a)) return isLabel(b) ? 'same' : b === '' ? 'disjoint' : 'wider';
  if (isLabel(b)) return a === '' ? 'disjoint' : 'narrower';
  return a === b ? 'same' : 'disjoint';
}

const isRest = (segment: string) => /^\{\w+\*\}$/.test(segment);
const isLabel = (segment: string) => /^\{\w+\}$/.test(segment);

/** The labels of a request of a place, as they were sent, or undefined for another's. */
export type Matcher = (request: {
  method: string;
  path: string;
  host: string;
}) => Record<string, string> | undefined;

/** @throws Error for a pattern that means nothing */
export function matcherOf({ methods, host, path }: Place): Matcher {
  const segments = path.split('/');
  if (segments[0] !== '' || segments.slice(0, -1).some(isRest))
    throw new Error(`${path} is no pattern of a path`);
  const names: string[] = [];
  const source = segments.map((segment) => {
    if (!isLabel(segment) && !isRest(segment))
      return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    names.push(segment.replace(/\W/g, ''));
    return isRest(segment) ? '(.*)' : '([^/]+)';
  });
  const regexp = new RegExp(`^${source.join('/')}$`, 's');
  return (request) => {
    if (methods && !methods.includes(request.method)) return undefined;
    if (host !== undefined && !isHost(host, request.host)) return undefined;
    const match = regexp.exec(request.path);
    if (!match) return undefined;
    return Object.fromEntries(names.map((name, i) => [name, match[i + 1] ?? '']));
  };
}

/** @param sent the Host header */
function isHost(pattern: string, sent: string): boolean {
  const name = sent.toLowerCase().replace(/:\d*$/, '');
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}

/** Finds the place of a request. */
export type RouteFinder<R> = (
  request: WireRequest,
) => { route: R; labels: Record<string, string> } | undefined;

/**
 * Puts routes into one table: those of a narrower host first, whatever is elsewhere under their paths, and of one host the
 * narrower one.
 * @throws Error for two of one host that could both take a request, neither of them narrower
 */
export function makeRouteFinder<R extends Place & { when?(request: WireRequest): boolean }>(
  routes: readonly R[],
): RouteFinder<R> {
  const byHost = [...Map.groupBy(routes, ({ host }) => host).entries()];
  byHost.sort(([a], [b]) => hostRank(b) - hostRank(a));
  const table = byHost.flatMap(([, own]) =>
    inOrder(own).map((route) => ({ route, match: matcherOf(route) })),
  );
  // Whole hosts are few, and most requests are for none of them.
  const hosts = table.filter(({ route }) => route.host !== undefined && isAnywhere(route));
  const elsewhere = table.filter((one) => !hosts.includes(one));
  const byFirst = Map.groupBy(elsewhere, ({ route }) => firstSegment(route.path));
  const anywhere = byFirst.get(undefined) ?? [];
  return (request) => {
    const { host = '' } = request.headers;
    const isHosted = hosts.some(({ route }) => isHost(route.host ?? '', host));
    const known = byFirst.get(firstSegment(request.path)) ?? [];
    if (!isHosted && known.length + anywhere.length === 0) return undefined;
    const { method, path } = request;
    const asked = { method, path, host };
    for (const { route, match } of isHosted || anywhere.length > 0 ? table : known) {
      const labels = match(asked);
      if (labels && (route.when?.(request) ?? true)) return { route, labels };
    }
    return undefined;
  };
}

/** A name before all that end like it, the longer ends first. */
function hostRank(host = ''): number {
  return host === '' ? 0 : host.startsWith('*.') ? host.length : Number.MAX_SAFE_INTEGER;
}

/** The routes of one host. */
function inOrder<R extends Place>(routes: readonly R[]): R[] {
  const ordered: R[] = [];
  for (const route of routes) {
    const clash = ordered.find((other) => isOverlap(compare(route, other)));
    if (clash) throw new Error(`The routes ${written(clash)} and ${written(route)} overlap`);
    // Before the first that is wider: everything narrower than this one is narrower than that one, and stands before it.
    const wider = ordered.findIndex((other) => compare(route, other) === 'narrower');
    ordered.splice(wider < 0 ? ordered.length : wider, 0, route);
  }
  return ordered;
}

const isAnywhere = ({ path }: Place) => firstSegment(path) === undefined;

function isOverlap(relation: Relation): boolean {
  return relation === 'same' || relation === 'crossing';
}

function written({ methods, host, path }: Place): string {
  return `${methods?.join('|') ?? '*'} ${host ?? ''}${path}`;
}

/** What the table is divided by; undefined for patterns that begin with a label. */
function firstSegment(path: string): string | undefined {
  const [, first = ''] = path.split('/', 2);
  return isLabel(first) || isRest(first) ? undefined : first;
}
