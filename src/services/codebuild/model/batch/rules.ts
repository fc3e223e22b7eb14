import type { ProjectBuildBatchConfig } from '@aws-sdk/client-codebuild';
import {
  BATCH_MINUTES,
  DEFAULT_BATCH_MINUTES,
  LARGEST_BATCH,
  MOST_BATCH_BUILDS,
} from '../../limits.ts';
import type { BuildFleet } from '../build-fleet.ts';
import { checkEnvironment } from '../environment-rules.ts';
import { onFleet } from '../fleet.ts';
import { checkServiceRole } from '../project-rules.ts';
import { RuleError } from '../rule-error.ts';
import { childInputs, targetOwner } from './child.ts';
import type { BatchConfig, BatchInputs } from './record.ts';
import type { BatchSpec } from './task.ts';

/** Says nothing at all: what takes the configuration off a project. */
export const isEmptyConfig = (config: object | undefined): boolean =>
  Object.values(config ?? {}).every((value) => value === undefined);

/** Checks `buildBatchConfig` of a project or a call. @throws RuleError */
export function checkBatchConfig(config: ProjectBuildBatchConfig, accountId: string): void {
  checkServiceRole(config.serviceRole, accountId);
  const { maximumBuildsAllowed = 1 } = config.restrictions ?? {};
  if (maximumBuildsAllowed < 1 || maximumBuildsAllowed > LARGEST_BATCH)
    throw new RuleError(
      `Invalid build batch config: maximumBuildsAllowed must be from 1 to ${LARGEST_BATCH}`,
    );
  const [least, most] = BATCH_MINUTES;
  const { timeoutInMins = least } = config;
  if (timeoutInMins < least || timeoutInMins > most)
    throw new RuleError(
      `Invalid build batch config: timeoutInMins must be from ${least} to ${most}`,
    );
}

/** The configuration that a batch is started with: the call's over the project's. @throws RuleError */
export function batchConfig(
  project: ProjectBuildBatchConfig | undefined,
  override: ProjectBuildBatchConfig | undefined,
  accountId: string,
): BatchConfig {
  const present = Object.entries(override ?? {}).filter(([, value]) => value !== undefined);
  const config: ProjectBuildBatchConfig = { ...project, ...Object.fromEntries(present) };
  checkBatchConfig(config, accountId);
  const { restrictions } = config;
  return {
    ...config,
    serviceRole: config.serviceRole ?? '',
    combineArtifacts: config.combineArtifacts ?? false,
    timeoutInMins: config.timeoutInMins ?? DEFAULT_BATCH_MINUTES,
    restrictions: {
      ...restrictions,
      maximumBuildsAllowed: restrictions?.maximumBuildsAllowed ?? MOST_BATCH_BUILDS,
    },
  };
}

/** Are the builds that the buildspec wants those that the project allows, and such that can be? @throws RuleError */
export function checkBatch(batch: BatchInputs, { tasks }: BatchSpec): void {
  const { restrictions } = batch.config;
  const { maximumBuildsAllowed, computeTypesAllowed = [], fleetsAllowed = [] } = restrictions;
  if (tasks.length > maximumBuildsAllowed)
    throw new RuleError(
      `The batch has ${tasks.length} builds; the project allows ${maximumBuildsAllowed}`,
    );
  for (const task of tasks) {
    const { environment, environmentVariables, fleet, ...inputs } = childInputs(batch, task);
    checkEnvironment({ ...environment, environmentVariables });
    if (fleet) {
      onFleet({ ...inputs, environment, environmentVariables }, fleet);
      if (fleetsAllowed.length > 0 && !fleetsAllowed.some((each) => isFleet(fleet, each)))
        throw new RuleError(
          `The build ${task.identifier} is to run on the fleet ${fleet.name}; the project allows ${fleetsAllowed.join(', ')}`,
        );
    }
    const { computeType = '' } = environment;
    if (computeTypesAllowed.length > 0 && !computeTypesAllowed.includes(computeType))
      throw new RuleError(
        `The build ${task.identifier} has the compute type ${computeType}; the project allows ${computeTypesAllowed.join(', ')}`,
      );
  }
  checkOutputs(
    batch,
    tasks.map(({ identifier }) => identifier),
  );
}

const isFleet = ({ name, arn }: BuildFleet, named: string) => named === name || named === arn;

/** CB-D5: each output of a pipeline's action is some build's. */
function checkOutputs({ build, config }: BatchInputs, identifiers: string[]): void {
  if (build.source.type !== 'CODEPIPELINE' || config.combineArtifacts) return;
  for (const { artifactIdentifier = '' } of build.secondaryArtifacts)
    if (targetOwner(artifactIdentifier, identifiers) === undefined)
      throw new RuleError(
        `No build of the batch makes the output artifact ${artifactIdentifier}: it must be called BUILD or BUILD_ARTIFACT, by the identifiers of both`,
      );
}
