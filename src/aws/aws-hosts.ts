import type { ApiFace } from './api.ts';

export interface ServedEndpoints {
  /** Those that are served. */
  apis: readonly Pick<ApiFace, 'name' | 'hosts'>[];
  /** The server's own, which may be none of AWS's. */
  region: string;
}

const DOMAINS = ['amazonaws.com', 'amazonaws.com.cn', 'api.aws'];
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/**
 * Is it an endpoint of AWS's of a service that is served here: `codebuild.us-east-1.amazonaws.com`, `iam.amazonaws.com`?
 * AWS alone says where these names point to. Below the same domains it gives names away that lead to what its customers
 * run (load balancers, machines, functions, websites): their pages are strangers' pages.
 */
export function isServedEndpoint(name: string, { apis, region }: ServedEndpoints): boolean {
  const domain = DOMAINS.find((one) => name.endsWith(`.${one}`));
  if (domain === undefined) return false;
  const labels = name.slice(0, -domain.length - 1).split('.');
  const place = labels.at(-1) ?? '';
  if (place === region || REGION.test(place)) {
    labels.pop();
    if (labels.at(-1) === 'dualstack') labels.pop();
  }
  const host = labels.pop()?.replace(/-fips$/, '');
  const asked = labels.length > 0 ? `*.${host}` : host;
  return apis.some((api) => asked === api.name || api.hosts?.some((one) => one === asked));
}
