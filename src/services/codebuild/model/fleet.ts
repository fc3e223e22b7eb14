import type { ComputeConfiguration, Fleet } from '@aws-sdk/client-codebuild';
import { defined } from '../../../lib/defined.ts';
import { ownValue } from '../../../lib/own.ts';
import { COMPUTE } from '../limits.ts';
import type { BuildFleet, Compute } from './build-fleet.ts';
import type { BuildInputs } from './build-record.ts';
import { checkNoVpc, hasVpc } from './places.ts';
import { RuleError } from './rule-error.ts';

export function buildFleetOf(fleet: Fleet): BuildFleet {
  const { arn = '', name = '', environmentType = '', vpcConfig } = fleet;
  return {
    ...{ arn, name, environmentType, compute: computeOf(fleet) },
    ...(hasVpc(vpcConfig) && defined({ vpcConfig })),
  };
}

/** CB-J4, or what the fleet asks for itself. */
export function computeOf({
  computeType,
  computeConfiguration,
}: Pick<Fleet, 'computeType' | 'computeConfiguration'>): Compute {
  return ownValue(COMPUTE, computeType ?? '') ?? ofConfiguration(computeConfiguration);
}

const ofConfiguration = ({ memory, vCpu }: ComputeConfiguration = {}): Compute =>
  defined({ memoryGiB: memory, cpus: vCpu });

/** The inputs of a build that a machine of this fleet is to run. @throws RuleError where it cannot be (CB-J7) */
export function onFleet(inputs: BuildInputs, fleet: BuildFleet): BuildInputs {
  const { environment, vpcConfig } = inputs;
  checkOnFleet(environment, fleet);
  checkNoVpc(vpcConfig);
  return { ...inputs, fleet, environment: { ...environment, fleet: { fleetArn: fleet.arn } } };
}

/** @throws RuleError for an environment that its machines have not */
export function checkOnFleet({ type }: { type: string | undefined }, fleet: BuildFleet): void {
  if (type !== fleet.environmentType)
    throw new RuleError(
      `Invalid fleet: the environment type of the fleet ${fleet.name} (${fleet.environmentType}) must match the environment type ${type}`,
    );
}

/** The network of a build: its fleet's, or its project's. */
export const vpcOf = ({ fleet, vpcConfig }: Pick<BuildInputs, 'fleet' | 'vpcConfig'>) =>
  fleet ? fleet.vpcConfig : vpcConfig;
