import { hostname } from 'node:os';

/** Where AWS has its endpoints: `git-codecommit.REGION.amazonaws.com` and the others are names of these. */
const REGIONS = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'ca-west-1'],
  ...['mx-central-1', 'sa-east-1', 'eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1'],
  ...['eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'af-south-1', 'il-central-1'],
  ...['me-central-1', 'me-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2'],
  ...['ap-northeast-3', 'ap-south-1', 'ap-south-2', 'ap-southeast-1', 'ap-southeast-2'],
  ...['ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7'],
];

/**
 * The names under which clients reach the server over TLS: this machine's, and AWS's own, which
 * git-remote-codecommit and the CodeDeploy agent make of a region and a name server or a proxy leads here.
 * @param host that the server listens on @param region its own, which may be none of AWS's
 */
export function tlsNames(host: string, region: string): string[] {
  const local = ['localhost', '*.localhost', '*.s3.localhost', '127.0.0.1', '::1'];
  const global = ['*.amazonaws.com', '*.s3.amazonaws.com'];
  const regional = [...new Set([region, ...REGIONS])].flatMap((name) => [
    `*.${name}.amazonaws.com`,
    `*.s3.${name}.amazonaws.com`,
  ]);
  return [...new Set([...local, hostname(), host, ...global, ...regional])];
}
