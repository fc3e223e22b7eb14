import type { ComputeType, EnvironmentType, ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { isForge } from '../../../../kit/forges/repository.ts';
import { defined } from '../../../../lib/defined.ts';
import { artifactKey } from '../artifacts.ts';
import type { BuildInputs } from '../build-record.ts';
import { proposedBy } from '../cache.ts';
import { mergeVariables } from '../environment.ts';
import type { BatchFacts, BatchGroup, BatchInputs } from './record.ts';
import { type BatchTask, READER } from './task.ts';

/** What a build of a batch is started with, but for whose it is and where its artifacts go. */
export function childInputs({ build }: Pick<BatchInputs, 'build'>, task: BatchTask): BuildInputs {
  const variables = Object.entries(task.variables ?? {});
  const { onFleet } = task;
  return {
    ...build,
    ...(onFleet && { fleet: onFleet }),
    environment: {
      ...build.environment,
      ...defined({
        type: task.type as EnvironmentType | undefined,
        image: task.image,
        computeType: task.computeType as ComputeType | undefined,
        privilegedMode: task.privilegedMode,
        fleet: onFleet && { fleetArn: onFleet.arn },
      }),
    },
    environmentVariables: mergeVariables(
      build.environmentVariables,
      variables.map(([name, value]) => ({ name, value, type: 'PLAINTEXT' })),
    ),
    ...defined({ buildspec: task.buildspec ?? build.buildspec }),
    ...(task.debug && !build.debug && { debug: {} }),
  };
}

/** The whole of it. The build that reads the buildspec reads it from the primary source, and makes nothing. */
export function inputsOf(
  { id, batch, inputs, run }: BatchFacts,
  { task, attempt }: BatchGroup,
): BuildInputs {
  const { identifier, shard } = task;
  const membership = {
    ...{ batchId: id, batchArn: batch.arn ?? '', identifier, attempt },
    ...(shard && { shard }),
  };
  const { debug: _, ...undebugged } = inputs.build;
  if (identifier === READER)
    return {
      ...withoutStatus(undebugged),
      ...{ secondarySources: [], secondarySourceVersions: [], secondaryArtifacts: [] },
      artifacts: { type: 'NO_ARTIFACTS' },
      batch: { ...membership, reads: true },
    };
  const { resolvedSourceVersion } = batch;
  const { type } = inputs.build.source;
  const pinned = (type === 'CODECOMMIT' || isForge(type)) && resolvedSourceVersion;
  const reportsEach = inputs.config.batchReportMode === 'REPORT_INDIVIDUAL_BUILDS';
  const others = run.groups.map((group) => group.task.identifier);
  return {
    ...(reportsEach ? childInputs(inputs, task) : withoutStatus(childInputs(inputs, task))),
    // All build the same commit, whatever is pushed meanwhile.
    ...(pinned && { sourceVersion: resolvedSourceVersion }),
    ...defined({ pullRequest: proposedBy(inputs.build) }),
    ...childArtifacts({ id, inputs }, identifier, others),
    batch: membership,
  };
}

/** What one build of several comes to is no status of the commit. */
function withoutStatus({ reportsStatus: _, ...inputs }: BuildInputs): BuildInputs {
  return inputs;
}

/** Where the artifacts of one build of the batch go. */
function childArtifacts(
  { id, inputs: { build, config } }: Pick<BatchFacts, 'id' | 'inputs'>,
  identifier: string,
  identifiers: string[],
): Pick<BuildInputs, 'artifacts' | 'secondaryArtifacts'> {
  const { artifacts, secondaryArtifacts } = build;
  if (config.combineArtifacts) {
    const part = (target: ProjectArtifacts) => partOf(target, id, identifier);
    return { artifacts: part(artifacts), secondaryArtifacts: secondaryArtifacts.map(part) };
  }
  if (build.source.type !== 'CODEPIPELINE') {
    const own = (target: ProjectArtifacts) => inOwnFolder(target, identifier);
    return { artifacts: own(artifacts), secondaryArtifacts: secondaryArtifacts.map(own) };
  }
  const mine = secondaryArtifacts.flatMap((target) => {
    const owner = targetOwner(target.artifactIdentifier ?? '', identifiers);
    return owner?.build === identifier ? [{ target, artifact: owner.artifact }] : [];
  });
  const { artifactIdentifier: _, ...primary } = mine.find(({ artifact }) => !artifact)?.target ?? {
    type: 'CODEPIPELINE' as const,
  };
  return {
    artifacts: primary,
    secondaryArtifacts: mine.flatMap(({ target, artifact }) =>
      artifact ? [{ ...target, artifactIdentifier: artifact }] : [],
    ),
  };
}

/** Which build makes the output BUILD or BUILD_ARTIFACT of a pipeline's action (CB-D5). */
export function targetOwner(
  output: string,
  identifiers: readonly string[],
): { build: string; artifact: string } | undefined {
  if (identifiers.includes(output)) return { build: output, artifact: '' };
  const [build] = identifiers
    .filter((identifier) => output.startsWith(`${identifier}_`))
    .sort((a, b) => b.length - a.length);
  return build === undefined ? undefined : { build, artifact: output.slice(build.length + 1) };
}

/** Builds that write to one place would overwrite each other. */
function inOwnFolder(target: ProjectArtifacts, identifier: string): ProjectArtifacts {
  if (target.type !== 'S3' || target.namespaceType === 'BUILD_ID') return target;
  const path = (target.path ?? '').replace(/(?<!\/)\/+$/, '');
  return { ...target, path: path ? `${path}/${identifier}` : identifier };
}

/** What is put together at the end is a ZIP file beside the place where all of it will be. */
function partOf(target: ProjectArtifacts, batchId: string, identifier: string): ProjectArtifacts {
  if (!goesSomewhere(target)) return target;
  const { namespaceType: _, ...rest } = target;
  return {
    ...rest,
    ...{ packaging: 'ZIP', overrideArtifactName: false },
    path: `${combinedKey(target, batchId)}.parts`,
    name: `${identifier}.zip`,
  };
}

/** Does an artifact go anywhere? */
export const goesSomewhere = (target: ProjectArtifacts): boolean =>
  target.type !== 'NO_ARTIFACTS' && Boolean(target.location);

/** Where the artifacts of all builds will be: the key of a ZIP file, or a folder. */
export function combinedKey(target: ProjectArtifacts, batchId: string): string {
  const [projectName = '', uuid = ''] = batchId.split(':');
  return artifactKey({ target }, { projectName, uuid });
}
