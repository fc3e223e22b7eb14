import { createHash } from 'node:crypto';
import type { ProjectFileSystemLocation, VpcConfig } from '@aws-sdk/client-codebuild';
import type { Mount } from '../../../executors/executor.ts';
import { RuleError } from './rule-error.ts';

/** File systems and networks of a project: those of an executor, which stand for AWS's. */

const FILE_SYSTEM =
  /^(fs-[0-9a-f]{8,40})\.efs\.[a-z0-9-]+\.amazonaws\.com(\.cn)?(:\/[^\0\n]{0,1000})?$/;
const MOUNT_POINT = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9_.-]{1,100})+$/;
const IDENTIFIER = /^[A-Za-z0-9_]{1,127}$/;
/** What a build needs to be one. */
const TAKEN = /^\/(codebuild|bin|dev|etc|lib|lib64|proc|sbin|sys|usr)(\/|$)/;
const VPC = /^vpc-[0-9a-zA-Z]{1,40}$/;

/** @throws RuleError */
export function checkFileSystems(
  locations: ProjectFileSystemLocation[],
  { privileged, vpc }: { privileged: boolean; vpc: boolean },
): void {
  const seen = new Set<string>();
  for (const { type, location = '', mountPoint = '', identifier = '' } of locations) {
    const wrong = (what: string) => new RuleError(`Invalid file system location: ${what}`);
    if (type !== undefined && type !== 'EFS') throw wrong('the type must be EFS');
    if (!FILE_SYSTEM.test(location))
      throw wrong(
        'location must be the DNS name of an EFS file system, with a directory if you like',
      );
    if (!IDENTIFIER.test(identifier) || seen.has(identifier.toUpperCase()))
      throw wrong('each needs an identifier of its own, of letters, digits and underscores');
    seen.add(identifier.toUpperCase());
    if (!MOUNT_POINT.test(mountPoint) || TAKEN.test(mountPoint))
      throw wrong(`${mountPoint} cannot be a mount point`);
  }
  if (locations.length > 0 && !(privileged && vpc))
    throw new RuleError(
      'Invalid file system location: it needs a VPC configuration and privileged mode',
    );
}

/** A volume for each: the same for all builds of an account that name the same directory of the same file system. */
export function mountsOf(
  locations: ProjectFileSystemLocation[],
  { accountId, region }: { accountId: string; region: string },
): Mount[] {
  return locations.map(({ location = '', mountPoint = '' }) => {
    const [host = '', directory = '/'] = location.split(':');
    const of = digest(`${accountId}\0${region}\0${host}\0${directory}`);
    return { volume: `efs-${host.split('.')[0]}-${of}`, path: mountPoint };
  });
}

/** By which a build finds them. */
export function mountVariables(locations: ProjectFileSystemLocation[]): Record<string, string> {
  return Object.fromEntries(
    locations.map(({ identifier = '', mountPoint = '' }) => [
      `CODEBUILD_${identifier.toUpperCase()}`,
      mountPoint,
    ]),
  );
}

export const hasVpc = ({ vpcId, subnets, securityGroupIds }: VpcConfig = {}): boolean =>
  Boolean(vpcId || subnets?.length || securityGroupIds?.length);

/** CB-J7: a fleet has its own, for all of its builds. @throws RuleError */
export function checkNoVpc(config: VpcConfig | undefined): void {
  if (hasVpc(config))
    throw new RuleError('Invalid vpc config: a project that uses a fleet has none of its own');
}

/** CB-J7 @throws RuleError */
export function checkVpc(config: VpcConfig | undefined): void {
  if (!config || !hasVpc(config)) return;
  const { vpcId = '', subnets = [], securityGroupIds = [] } = config;
  if (!VPC.test(vpcId)) throw new RuleError('Invalid vpc config: vpcId must be the id of a VPC');
  if (subnets.length === 0) throw new RuleError('Invalid vpc config: it needs a subnet');
  if (securityGroupIds.length === 0)
    throw new RuleError('Invalid vpc config: it needs a security group');
}

/** The network that stands for a VPC: builds of an account in it see each other, and none of another one. */
export function networkOf(
  config: VpcConfig | undefined,
  { accountId, region }: { accountId: string; region: string },
): string | undefined {
  const { vpcId } = config ?? {};
  return vpcId && `${vpcId}-${digest(`${accountId}\0${region}\0${vpcId}`)}`;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
