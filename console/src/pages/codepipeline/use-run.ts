import { BatchGetBuildsCommand, type BuildPhase, CodeBuildClient } from '@aws-sdk/client-codebuild';
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { useAws } from '../../api/use-aws.ts';
import { externalId } from './gantt-rows.ts';

const BUILDERS = new Set(['CodeBuild', 'Commands', 'ECRBuildAndPublish']);
const MOST_BUILDS = 100;

/** A run, its actions, and the phases of the builds that they were. */
export function useRun(pipelineName: string, pipelineExecutionId: string) {
  const run = useAws(
    CodePipelineClient,
    new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }),
  );
  const actions = useAws(
    CodePipelineClient,
    new ListActionExecutionsCommand({
      pipelineName,
      filter: { pipelineExecutionId },
      maxResults: 100,
    }),
  );
  const details = actions.data?.actionExecutionDetails ?? [];
  const ids = details
    .filter((detail) => BUILDERS.has(detail.input?.actionTypeId?.provider ?? ''))
    .map(externalId)
    .filter((id) => id !== '')
    .slice(0, MOST_BUILDS);
  const builds = useAws(
    CodeBuildClient,
    ids.length > 0 ? new BatchGetBuildsCommand({ ids }) : undefined,
    { keep: true },
  );
  const phases = new Map<string, readonly BuildPhase[]>(
    builds.data?.builds?.map((build) => [build.id ?? '', build.phases ?? []]),
  );
  return { run, actions, details, phases };
}
