import type { Owner } from '../store/tables.ts';

/** The platform's Node is the server's own, which every instance has. */
const MAJOR = process.versions.node.split('.')[0];
const VERSION = '6.7.0';
const BRANCH = `Node.js ${MAJOR} running on 64bit Amazon Linux 2023`;

export const PLATFORM = {
  stack: `64bit Amazon Linux 2023 v${VERSION} running Node.js ${MAJOR}`,
  name: BRANCH,
  version: VERSION,
  branch: BRANCH,
  category: 'Node.js',
  owner: 'AWSElasticBeanstalk',
  system: 'Amazon Linux',
  systemVersion: '2023',
  language: 'Node.js',
  languageVersion: process.versions.node,
} as const;

export const platformArn = ({ region }: Pick<Owner, 'region'>): string =>
  `arn:aws:elasticbeanstalk:${region}::platform/${PLATFORM.name}/${PLATFORM.version}`;

export type Asked = 'ours' | 'unknown' | { unsupported: string };

/** Which platform is asked for. Nothing said is none. */
export function askedPlatform(
  owner: Pick<Owner, 'region'>,
  stack: string | undefined,
  arn: string | undefined,
): Asked {
  if (arn !== undefined) {
    if (arn === platformArn(owner)) return 'ours';
    const [, name] = /:platform\/([^/]+)(?:\/[^/]*)?$/.exec(arn) ?? [];
    if (name === PLATFORM.name && !arn.includes(`${name}/`)) return 'ours';
    return name === undefined ? 'unknown' : refused(name);
  }
  if (stack === PLATFORM.stack) return 'ours';
  const [, runs] = /^64bit .{1,80} running (.{1,80})$/.exec(stack ?? '') ?? [];
  return runs === undefined ? 'unknown' : refused(runs);
}

function refused(name: string): Asked {
  const why = /docker|ecs/i.test(name)
    ? ', since an instance is a container of this engine, and has no Docker Engine in it'
    : '';
  return { unsupported: `the platform ${name} (there is ${PLATFORM.stack}${why})` };
}
