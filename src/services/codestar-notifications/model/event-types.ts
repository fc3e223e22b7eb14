import type { EventTypeSummary } from '../../../aws/apis/codestar-notifications.ts';
import { compilePattern, type Matcher } from '../../../kit/event-pattern/compile.ts';

/** A kind of events that rules ask for by an id. */
export interface EventType extends Required<EventTypeSummary> {
  EventTypeId: string;
  /** Is it one of these? */
  matches: Matcher;
}

interface Kind {
  service: string;
  resource: string;
  source: string;
}

const REPOSITORY: Kind = {
  ...{ service: 'CodeCommit', resource: 'Repository', source: 'aws.codecommit' },
};
const PROJECT: Kind = { service: 'CodeBuild', resource: 'Project', source: 'aws.codebuild' };
const APPLICATION: Kind = {
  ...{ service: 'CodeDeploy', resource: 'Application', source: 'aws.codedeploy' },
};
const PIPELINE: Kind = {
  service: 'CodePipeline',
  resource: 'Pipeline',
  source: 'aws.codepipeline',
};

/** Sources of events on which there are rules. */
export const SOURCES = [REPOSITORY, PROJECT, APPLICATION, PIPELINE].map(({ source }) => source);

/** Ids' ends, with the names behind the group's and what their events say. */
type Members = Record<string, [name: string, detail: object, detailType?: string]>;

/** @param detailTypes of the members' events, where a member does not say another one */
function group(
  kind: Kind,
  id: string,
  name: string,
  detailTypes: string | string[],
  members: Members,
): EventType[] {
  const { service, resource, source } = kind;
  const prefix = `${service}-${resource}`.toLowerCase();
  return Object.entries(members).map(([end, [label, detail, detailType]]) => ({
    EventTypeId: `${prefix}-${id}${end}`,
    ServiceName: service,
    EventTypeName: `${name}: ${label}`,
    ResourceType: resource,
    matches: compilePattern({
      source: [source],
      'detail-type': [detailType ?? detailTypes].flat(),
      ...(Object.keys(detail).length > 0 && { detail }),
    }),
  }));
}

const states = (member: string, of: Record<string, [name: string, values: string[]]>): Members =>
  Object.fromEntries(
    Object.entries(of).map(([end, [name, values]]) => [end, [name, { [member]: values }]]),
  );

const said = (of: Record<string, [name: string, events: string[]]>) => states('event', of);

const PULL_REQUEST = 'CodeCommit Pull Request State Change';
const REFERENCES = 'CodeCommit Repository State Change';
const APPROVAL_ACTION = { type: { category: ['Approval'] } };

/**
 * All of them, in the order in which they are listed; the events are those of EventBridge.
 * https://docs.aws.amazon.com/dtconsole/latest/userguide/concepts.html#concepts-api
 */
export const EVENT_TYPES: readonly EventType[] = [
  ...group(REPOSITORY, 'comments-on-', 'Comments', '', {
    commits: ['On commits', {}, 'CodeCommit Comment on Commit'],
    'pull-requests': ['On pull requests', {}, 'CodeCommit Comment on Pull Request'],
  }),
  ...group(REPOSITORY, 'approvals-', 'Approvals', PULL_REQUEST, {
    ...said({
      'status-changed': ['Status changed', ['pullRequestApprovalStateChanged']],
      'rule-override': ['Rule override', ['pullRequestApprovalRuleOverridden']],
    }),
  }),
  ...group(REPOSITORY, 'pull-request-', 'Pull request', PULL_REQUEST, {
    ...said({
      created: ['Created', ['pullRequestCreated']],
      'source-updated': ['Source updated', ['pullRequestSourceBranchUpdated']],
      'status-changed': ['Status changed', ['pullRequestStatusChanged']],
    }),
    merged: ['Merged', { event: ['pullRequestMergeStatusUpdated'], isMerged: ['True'] }],
  }),
  ...group(REPOSITORY, 'branches-and-tags-', 'Branches and tags', REFERENCES, {
    ...said({
      created: ['Created', ['referenceCreated']],
      deleted: ['Deleted', ['referenceDeleted']],
      updated: ['Updated', ['referenceUpdated']],
    }),
  }),
  ...group(PROJECT, 'build-state-', 'Build state', 'CodeBuild Build State Change', {
    ...states('build-status', {
      failed: ['Failed', ['FAILED', 'FAULT', 'TIMED_OUT']],
      succeeded: ['Succeeded', ['SUCCEEDED']],
      'in-progress': ['In-progress', ['IN_PROGRESS']],
      stopped: ['Stopped', ['STOPPED']],
    }),
  }),
  ...group(PROJECT, 'build-phase-', 'Build phase', 'CodeBuild Build Phase Change', {
    ...states('completed-phase-status', {
      failure: ['Failure', ['FAILED', 'FAULT', 'TIMED_OUT', 'CLIENT_ERROR']],
      success: ['Success', ['SUCCEEDED']],
    }),
  }),
  ...group(
    APPLICATION,
    'deployment-',
    'Deployment',
    'CodeDeploy Deployment State-change Notification',
    states('state', {
      succeeded: ['Succeeded', ['SUCCESS']],
      failed: ['Failed', ['FAILURE']],
      started: ['Started', ['START']],
    }),
  ),
  ...group(
    PIPELINE,
    'action-execution-',
    'Action execution',
    'CodePipeline Action Execution State Change',
    states('state', {
      succeeded: ['Succeeded', ['SUCCEEDED']],
      failed: ['Failed', ['FAILED']],
      canceled: ['Canceled', ['CANCELED']],
      started: ['Started', ['STARTED']],
    }),
  ),
  ...group(
    PIPELINE,
    'stage-execution-',
    'Stage execution',
    'CodePipeline Stage Execution State Change',
    states('state', {
      started: ['Started', ['STARTED']],
      succeeded: ['Succeeded', ['SUCCEEDED']],
      resumed: ['Resumed', ['RESUMED']],
      canceled: ['Canceled', ['CANCELED']],
      failed: ['Failed', ['FAILED']],
    }),
  ),
  ...group(
    PIPELINE,
    'pipeline-execution-',
    'Pipeline execution',
    'CodePipeline Pipeline Execution State Change',
    states('state', {
      failed: ['Failed', ['FAILED']],
      canceled: ['Canceled', ['CANCELED']],
      started: ['Started', ['STARTED']],
      resumed: ['Resumed', ['RESUMED']],
      succeeded: ['Succeeded', ['SUCCEEDED']],
      superseded: ['Superseded', ['SUPERSEDED']],
    }),
  ),
  ...group(
    PIPELINE,
    'manual-approval-',
    'Manual approval',
    'CodePipeline Action Execution State Change',
    {
      failed: ['Failed', { state: ['FAILED'], ...APPROVAL_ACTION }],
      needed: ['Needed', { state: ['STARTED'], ...APPROVAL_ACTION }],
      succeeded: ['Succeeded', { state: ['SUCCEEDED'], ...APPROVAL_ACTION }],
    },
  ),
];

const BY_ID = new Map(EVENT_TYPES.map((type) => [type.EventTypeId, type]));

export const findEventType = (id: string): EventType | undefined => BY_ID.get(id);

/** What of it is listed. */
export function summaryOf({ matches: _, ...summary }: EventType): EventTypeSummary {
  return summary;
}
