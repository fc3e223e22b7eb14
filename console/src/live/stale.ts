/** Which cached answers an event makes stale. Pure. */

/** An EventBridge event, as far as the console reads it. */
export interface LiveEvent {
  id: string;
  source: string;
  'detail-type': string;
  account: string;
  region: string;
  time: string;
  resources?: string[];
  detail: Record<string, unknown>;
}

/** Where a service's signing name is not what its events' source says. */
const SIGNING_NAMES: Record<string, string> = { cloudwatch: 'monitoring' };

/** Services that show what another's events tell of. */
const ALSO: Record<string, readonly string[]> = {
  codecommit: ['codepipeline'],
  codebuild: ['logs'],
  cloudwatch: ['codedeploy'],
};

/** Names and ids that an event speaks of: texts of its detail, and the last part of its resources' ARNs. */
function namesIn({ detail, resources = [] }: LiveEvent): Set<string> {
  const found = new Set<string>();
  const add = (value: unknown, depth: number) => {
    if (typeof value === 'string' && value.length < 300) found.add(value);
    else if (typeof value === 'object' && value !== null && depth < 2)
      for (const inner of Object.values(value)) add(inner, depth + 1);
  };
  add(detail, 0);
  for (const arn of resources) {
    found.add(arn);
    const name = /[^:/]+$/.exec(arn)?.[0];
    if (name !== undefined) found.add(name);
  }
  const build = detail['build-id'];
  // CodeBuild's events have the ARN; its API is asked by `project:uuid`.
  if (typeof build === 'string') found.add(build.replace(/^.*:build\//, ''));
  return found;
}

/** Members that say which one of many is asked for; others (filters, tokens, limits) do not. */
const NAMING = /(name|names|id|ids|arn|arns)$/i;

function asked(input: object): string[] {
  return Object.entries(input).flatMap(([member, value]): string[] => {
    if (!NAMING.test(member)) return [];
    if (typeof value === 'string') return [value];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  });
}

export interface Asked {
  service: string;
  region: string;
  input: object;
}

/** A listing of all is stale by any event of its service; what names one by those that speak of it. */
export function isStale(query: Asked, event: LiveEvent): boolean {
  const source = event.source.replace('aws.', '');
  const services = [
    Object.hasOwn(SIGNING_NAMES, source) ? SIGNING_NAMES[source] : source,
    ...(Object.hasOwn(ALSO, source) ? (ALSO[source] ?? []) : []),
  ];
  if (query.region !== event.region || !services.includes(query.service)) return false;
  const names = asked(query.input);
  if (names.length === 0 || services[0] !== query.service) return true;
  const spoken = namesIn(event);
  return names.some((name) => spoken.has(name));
}
