import type { AwsEvent } from '../../engine/events.ts';
import { ownValue } from '../../lib/own.ts';

/** What one must be allowed to read, to be shown an event that tells of it. */
export interface Sight {
  action: string;
  resource: string;
}

/** By detail type: the action that reads what the event tells, and the resource it is asked about. */
const READS: Record<
  string,
  readonly [action: string, resource: (event: AwsEvent) => string | undefined]
> = {
  'CodePipeline Pipeline Execution State Change': ['codepipeline:GetPipelineState', first],
  'CodePipeline Stage Execution State Change': ['codepipeline:GetPipelineState', first],
  'CodePipeline Action Execution State Change': ['codepipeline:GetPipelineState', first],
  'CodeBuild Build State Change': ['codebuild:BatchGetBuilds', project],
  'CodeBuild Build Phase Change': ['codebuild:BatchGetBuilds', project],
  'CodeBuild Build Batch State Change': ['codebuild:BatchGetBuildBatches', project],
  'CodeDeploy Deployment State-change Notification': ['codedeploy:GetDeployment', group],
  'CodeDeploy Instance State-change Notification': ['codedeploy:GetDeployment', group],
  'CodeCommit Repository State Change': ['codecommit:GetRepository', first],
  'CodeCommit Pull Request State Change': ['codecommit:GetPullRequest', first],
  'CodeCommit Comment on Pull Request': ['codecommit:GetCommentsForPullRequest', first],
  'CodeCommit Comment on Commit': ['codecommit:GetCommentsForComparedCommit', first],
  'CodeCommit Comment Reaction Change': ['codecommit:GetCommentReactions', first],
  'CloudWatch Alarm State Change': ['cloudwatch:DescribeAlarms', first],
};

const SOURCES = ['codepipeline', 'codebuild', 'codedeploy', 'codecommit', 'cloudwatch'];

/** The events that the console shows. */
export const SHOWN = {
  source: SOURCES.map((source) => `aws.${source}`),
  'detail-type': Object.keys(READS),
} as const;

/** What is asked of IAM before an event is shown; undefined for one that nobody is shown. */
export function sightOf(event: AwsEvent): Sight | undefined {
  const type = event['detail-type'];
  const [action, resourceOf] = ownValue(READS, type) ?? [];
  const resource = resourceOf?.(event);
  return action !== undefined && resource?.startsWith('arn:') ? { action, resource } : undefined;
}

function first({ resources: [one] }: AwsEvent): string | undefined {
  return one;
}

/** Builds are read by who may read their project's. */
function project({ account, region, detail }: AwsEvent): string | undefined {
  const name = detail['project-name'];
  return typeof name === 'string'
    ? `arn:aws:codebuild:${region}:${account}:project/${name}`
    : undefined;
}

function group({ resources }: AwsEvent): string | undefined {
  return resources.find((arn) => arn.includes(':deploymentgroup:'));
}
