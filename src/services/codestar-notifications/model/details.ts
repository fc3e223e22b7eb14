import type { AwsEvent } from '../../../engine/events.ts';
import { ownValue } from '../../../lib/own.ts';

/** An execution of an action, as far as notifications tell of it. */
export interface ActionFacts {
  stage: string;
  action: string;
  /** `Succeeded`, `Failed`, `InProgress`, `Abandoned` */
  status: string;
  category: string;
  provider: string;
  configuration: Record<string, string>;
  outputVariables: Record<string, string>;
  /** What its provider, or the pipeline, says of it. */
  said: string | undefined;
}

/** A thread of comments, as far as notifications tell of it. */
export interface ThreadFacts {
  /** The oldest first. */
  comments: { authorArn: string; commentText: string }[];
  filePath: string | undefined;
  line: { number: number; text: string | undefined } | undefined;
}

/** What FULL says of an event beyond itself: NT-03. */
export type Details = Record<string, unknown>;

const STAGE = 'CodePipeline Stage Execution State Change';
const PIPELINE = 'CodePipeline Pipeline Execution State Change';
const ACTION = 'CodePipeline Action Execution State Change';

function textIn(detail: Record<string, unknown>, name: string): string | undefined {
  const value = ownValue(detail, name);
  return typeof value === 'string' ? value : undefined;
}

/** Is it a manual approval that waits for somebody? */
export function isApprovalNeeded({ 'detail-type': detailType, detail }: AwsEvent): boolean {
  const { type } = detail as { type?: { category?: string } };
  return detailType === ACTION && detail.state === 'STARTED' && type?.category === 'Approval';
}

/** Is it a comment? What FULL says of it stands in its thread. */
export function isComment({ source, 'detail-type': detailType }: AwsEvent): boolean {
  return source === 'aws.codecommit' && detailType.startsWith('CodeCommit Comment on ');
}

/** What AWS's own messages say of comments. @param thread undefined where it can be read no more */
export function detailsOfComment(
  { resources }: Pick<AwsEvent, 'resources'>,
  thread: ThreadFacts | undefined,
): Details {
  if (!thread) return {};
  const { comments, filePath = null, line } = thread;
  return {
    commentedLine: line?.text ?? null,
    resourceArn: resources[0] ?? null,
    comments,
    commentedLineNumber: line?.number ?? null,
    filePath,
  };
}

/** Does what FULL says of the event stand in the actions of its execution? */
export function wantsActions(event: AwsEvent): boolean {
  const { 'detail-type': detailType, detail } = event;
  if (isApprovalNeeded(event)) return true;
  if (detailType === STAGE) return detail.state === 'STARTED' || detail.state === 'FAILED';
  return detailType === PIPELINE && detail.state === 'FAILED';
}

/**
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html ("Processed event")
 * @param actions the last execution of each action, where `wantsActions` says so
 */
export function detailsOfEvent(event: AwsEvent, actions: readonly ActionFacts[]): Details {
  const { 'detail-type': detailType, detail } = event;
  if (isApprovalNeeded(event)) return approvalDetails(detail, actions);
  if (detailType === ACTION && detail.state === 'FAILED') return failureOfAction(detail);
  if (detailType === STAGE && detail.state === 'STARTED') return sourcesOf(actions);
  if (wantsActions(event)) return failures(textIn(detail, 'stage'), actions);
  return {};
}

function failureOfAction(detail: AwsEvent['detail']): Details {
  const { 'execution-result': result = {} } = detail as {
    'execution-result'?: Record<string, unknown>;
  };
  const additionalInformation = textIn(result, 'external-execution-summary');
  return additionalInformation === undefined ? {} : { additionalInformation };
}

function approvalDetails(detail: AwsEvent['detail'], actions: readonly ActionFacts[]): Details {
  const its = actions.find(
    ({ stage, action }) => stage === detail.stage && action === detail.action,
  );
  const { CustomData: customData, ExternalEntityLink: externalEntityLink } =
    its?.configuration ?? {};
  return {
    ...(customData !== undefined && { customData }),
    ...(externalEntityLink !== undefined && { externalEntityLink }),
  };
}

function failures(stage: string | undefined, actions: readonly ActionFacts[]): Details {
  const failed = actions.filter(
    (one) => one.status === 'Failed' && (stage === undefined || one.stage === stage),
  );
  const [first] = failed;
  if (!first) return {};
  return {
    failedActionCount: failed.length,
    failedActions: failed.map(({ action, said }) => ({
      action,
      ...(said !== undefined && { additionalInformation: said }),
    })),
    failedStage: first.stage,
  };
}

/** What tells a revision of CodeCommit; other sources are told by all that they put out. */
const CODECOMMIT_VARIABLES = ['BranchName', 'CommitId', 'RepositoryName'];

function sourcesOf(actions: readonly ActionFacts[]): Details {
  const sources = actions.filter(({ category }) => category === 'Source');
  return {
    sourceActions: sources.map(({ action, provider, outputVariables }) => ({
      sourceActionName: action,
      sourceActionProvider: provider,
      sourceActionVariables: Object.fromEntries(
        Object.entries(outputVariables).filter(
          ([name]) => provider !== 'CodeCommit' || CODECOMMIT_VARIABLES.includes(name),
        ),
      ),
    })),
  };
}
