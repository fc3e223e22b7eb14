import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import {
  type ActionExecutionDetail,
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { chunks } from '../../../../src/lib/chunks.ts';
import { useAws, useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { externalId, type Phases } from './gantt-rows.ts';

const BUILDERS = new Set(['CodeBuild', 'Commands', 'ECRBuildAndPublish']);
const AT_ONCE = 100;

/** A run and its actions. */
export function useRun(pipelineName: string, pipelineExecutionId: string) {
  const run = useAws(
    CodePipelineClient,
    new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }),
  );
  const actions = useAwsPages(
    CodePipelineClient,
    (nextToken) =>
      new ListActionExecutionsCommand({
        pipelineName,
        filter: { pipelineExecutionId },
        maxResults: 100,
        nextToken,
      }),
    ({ nextToken }) => nextToken,
  );
  const details =
    actions.data?.flatMap(({ actionExecutionDetails = [] }) => actionExecutionDetails) ?? [];
  return { run, actions, details };
}

/** The phases of the builds that actions were. */
export function usePhases(details: readonly ActionExecutionDetail[]): Phases {
  const ids = details
    .filter((detail) => BUILDERS.has(detail.input?.actionTypeId?.provider ?? ''))
    .map(externalId)
    .filter((id) => id !== '');
  const builds = useAwsAll(
    CodeBuildClient,
    chunks(ids, AT_ONCE).map((some) => new BatchGetBuildsCommand({ ids: some })),
  );
  return new Map(
    builds
      .flatMap(({ data }) => data?.builds ?? [])
      .map(({ id = '', phases = [] }) => [id, phases]),
  );
}
