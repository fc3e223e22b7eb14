import { BatchGetBuildsCommand, type BuildPhase, CodeBuildClient } from '@aws-sdk/client-codebuild';
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { useAws, useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { chunks } from '../../parts/chunks.ts';
import { externalId } from './gantt-rows.ts';

const BUILDERS = new Set(['CodeBuild', 'Commands', 'ECRBuildAndPublish']);
const AT_ONCE = 100;

/** A run, its actions, and the phases of the builds that they were. */
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
  const ids = details
    .filter((detail) => BUILDERS.has(detail.input?.actionTypeId?.provider ?? ''))
    .map(externalId)
    .filter((id) => id !== '');
  const builds = useAwsAll(
    CodeBuildClient,
    chunks(ids, AT_ONCE).map((some) => new BatchGetBuildsCommand({ ids: some })),
  );
  const phases = new Map<string, readonly BuildPhase[]>(
    builds.flatMap(
      ({ data }) =>
        data?.builds?.map((build) => [build.id ?? '', build.phases ?? []] as const) ?? [],
    ),
  );
  return { run, actions, details, phases };
}
