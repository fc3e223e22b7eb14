import type { BuildBatch, StartBuildBatchInput, StartBuildInput } from '@aws-sdk/client-codebuild';
import { defined } from '../../../../lib/defined.ts';
import { logsDefaults } from '../defaults.ts';
import { buildInputs, newBuild, type Start } from '../new-build.ts';
import { newGroup, readerTask } from './groups.ts';
import type { BatchInputs, BatchRun } from './record.ts';
import { batchConfig } from './rules.ts';

/** Who starts a batch, and when. */
export interface BatchStart extends Omit<Start, 'input' | 'actor'> {
  input: StartBuildBatchInput;
}

/** The members of StartBuildBatch that are called otherwise for one build. */
export function asStartBuild(input: StartBuildBatchInput): StartBuildInput {
  const {
    buildTimeoutInMinutesOverride: timeoutInMinutesOverride,
    reportBuildBatchStatusOverride: reportBuildStatusOverride,
    buildBatchConfigOverride: _,
    ...same
  } = input;
  return { ...same, ...defined({ timeoutInMinutesOverride, reportBuildStatusOverride }) };
}

/** What a batch is started with: the project under the call's overrides. @throws RuleError in AWS's words */
export function batchInputs(start: Omit<BatchStart, 'uuid' | 'buildNumber' | 'now'>): BatchInputs {
  const { project, input, accountId, partition } = start;
  const build = buildInputs({ ...start, input: asStartBuild(input) });
  const config = batchConfig(project.buildBatchConfig, input.buildBatchConfigOverride, accountId);
  const cache = input.cacheOverride ?? project.cache ?? { type: 'NO_CACHE' };
  return { build, config, cache, partition };
}

/** The new batch as StartBuildBatch answers it: it is SUBMITTED, and nothing of it has begun. */
export function newBatch(
  start: BatchStart,
  inputs: BatchInputs,
): { batch: BuildBatch; run: BatchRun } {
  const { now, partition, region, accountId } = start;
  // A batch has what a build of it has, and other names for some of it.
  const build = newBuild({ ...start, input: asStartBuild(start.input) }, inputs.build);
  const { id = '', resolvedSourceVersion, sourceVersion, source, artifacts, environment } = build;
  const { secondarySources, secondarySourceVersions, secondaryArtifacts, cache } = build;
  const { serviceRole, queuedTimeoutInMinutes, initiator, encryptionKey } = build;
  const { ...config } = inputs.config;
  const batch: BuildBatch = {
    ...{ id, arn: `arn:${partition}:codebuild:${region}:${accountId}:build-batch/${id}` },
    ...{ startTime: now, currentPhase: 'SUBMITTED', buildBatchStatus: 'IN_PROGRESS' },
    ...defined({ sourceVersion, resolvedSourceVersion }),
    projectName: start.project.name,
    ...{ source, secondarySources, secondarySourceVersions, artifacts, secondaryArtifacts },
    ...{ cache, environment, serviceRole },
    logConfig: logsDefaults(inputs.build.logsConfig),
    buildTimeoutInMinutes: inputs.build.timeoutInMinutes,
    ...{ queuedTimeoutInMinutes, complete: false, initiator, encryptionKey },
    buildBatchNumber: start.buildNumber,
    buildBatchConfig: config,
    ...(inputs.build.debug && { debugSessionEnabled: true }),
  };
  const run: BatchRun = {
    groups: [newGroup({ id, batch }, readerTask, now)],
    ...{ planned: false, fastFail: false, tokens: [] },
    deadline: now.getTime() + config.timeoutInMins * 60_000,
  };
  return { batch, run };
}
