import type { ProjectEnvironment } from '@aws-sdk/client-codebuild';
import { unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { COMPUTE } from '../limits.ts';
import { RuleError } from './rule-error.ts';
import { unique } from './unique.ts';

/**
 * What runs here is of the machine's own architecture: `LINUX_…` is whatever that is, so that a laptop of any kind runs
 * what a project says; `ARM_…` is refused where it would be another one, and so is a GPU.
 */
const ARM = process.arch === 'arm64' ? ['ARM_CONTAINER', 'ARM_EC2'] : [];
export const ENVIRONMENT_TYPES = ['LINUX_CONTAINER', 'LINUX_EC2', ...ARM];
/** Compute types that say nothing without `computeConfiguration` or a fleet. */
const COMPUTE_BY_CONFIGURATION = ['ATTRIBUTE_BASED_COMPUTE', 'CUSTOM_INSTANCE_TYPE'];
const OF_LAMBDA = /^BUILD_LAMBDA_/;

/** Members that AWS has and that are refused here, because they would change what a build does. */
function refuse(member: string): never {
  throw unsupported(member);
}

export function checkEnvironment(environment: ProjectEnvironment): void {
  if (!ENVIRONMENT_TYPES.includes(environment.type ?? ''))
    refuse(`the environment type ${environment.type}`);
  const { computeType = '' } = environment;
  // A machine of a fleet is what the fleet says.
  const onFleet = Boolean(environment.fleet?.fleetArn);
  if (OF_LAMBDA.test(computeType)) refuse(`the compute type ${computeType}`);
  if (COMPUTE_BY_CONFIGURATION.includes(computeType) && !onFleet)
    refuse(`the compute type ${computeType}`);
  if (computeType !== '' && !onFleet && !ownValue(COMPUTE, computeType))
    throw new RuleError(`Invalid environment: there is no compute type ${computeType}`);
  if (environment.computeConfiguration) refuse('environment.computeConfiguration');
  if (environment.hostKernel) refuse('environment.hostKernel');
  if (!environment.image) throw new RuleError('Environment image is required');
  if (environment.certificate) refuse('environment.certificate');
  checkRegistryCredential(environment);
  if (environment.dockerServer) refuse('environment.dockerServer');
  unique(
    (environment.environmentVariables ?? []).map((variable) => variable.name),
    'environment variable',
  );
}

/** Images that AWS pulls by rights of its own (CB-C9). */
const BY_RIGHTS = /^(aws\/codebuild\/|\d{12}\.dkr\.ecr\.)/;

function checkRegistryCredential(environment: ProjectEnvironment): void {
  const { registryCredential, imagePullCredentialsType, image = '' } = environment;
  if (!registryCredential) return;
  if (imagePullCredentialsType !== 'SERVICE_ROLE')
    throw new RuleError(
      'Invalid registry credential: imagePullCredentialsType must be SERVICE_ROLE',
    );
  if (BY_RIGHTS.test(image))
    throw new RuleError(
      `Invalid registry credential: the image ${image} is a curated or an Amazon ECR image`,
    );
}
