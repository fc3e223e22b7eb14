import {
  CodeCommitClient,
  DescribePullRequestEventsCommand,
  type PullRequest,
  type PullRequestEvent,
} from '@aws-sdk/client-codecommit';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useAwsPages } from '../../api/use-aws.ts';
import { Failure } from '../../parts/failure.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Time } from '../../parts/time.tsx';
import { CommentForm, ThreadView } from './comments.tsx';
import { shortId, whoOf } from './content.ts';
import type { Thread } from './threads.ts';

interface Props {
  pr: PullRequest;
  name: string;
  threads: readonly Thread[];
  post: (content: string) => Promise<unknown>;
  reached?: string | undefined;
}

/** What was done, in words. */
function deedOf(event: PullRequestEvent): string {
  const rule = event.approvalRuleEventMetadata?.approvalRuleName ?? '';
  switch (event.pullRequestEventType) {
    case 'PULL_REQUEST_CREATED':
      return 'created the pull request';
    case 'PULL_REQUEST_STATUS_CHANGED':
      return event.pullRequestStatusChangedEventMetadata?.pullRequestStatus === 'CLOSED'
        ? 'closed the pull request'
        : 'opened the pull request';
    case 'PULL_REQUEST_SOURCE_REFERENCE_UPDATED': {
      const { beforeCommitId, afterCommitId } =
        event.pullRequestSourceReferenceUpdatedEventMetadata ?? {};
      return `pushed: the source is ${shortId(afterCommitId)}, the destination ${shortId(beforeCommitId)}`;
    }
    case 'PULL_REQUEST_MERGE_STATE_CHANGED':
      return 'merged the pull request';
    case 'PULL_REQUEST_APPROVAL_RULE_CREATED':
      return `added the approval rule ${rule}`;
    case 'PULL_REQUEST_APPROVAL_RULE_UPDATED':
      return `changed the approval rule ${rule}`;
    case 'PULL_REQUEST_APPROVAL_RULE_DELETED':
      return `removed the approval rule ${rule}`;
    case 'PULL_REQUEST_APPROVAL_STATE_CHANGED':
      return event.approvalStateChangedEventMetadata?.approvalStatus === 'APPROVE'
        ? 'approved'
        : 'took the approval back';
    case 'PULL_REQUEST_APPROVAL_RULE_OVERRIDDEN':
      return event.approvalRuleOverriddenEventMetadata?.overrideStatus === 'OVERRIDE'
        ? 'set aside the approval rules'
        : 'put the approval rules in force again';
    default:
      return event.pullRequestEventType ?? '';
  }
}

/** Deeds and words in the order of their times, and a field to say more. */
export function Activity({ pr, name, threads, post, reached }: Props) {
  const pullRequestId = pr.pullRequestId ?? '';
  const { data, error } = useAwsPages(
    CodeCommitClient,
    (nextToken) => new DescribePullRequestEventsCommand({ pullRequestId, nextToken }),
    ({ nextToken }) => nextToken,
  );
  const events = data?.flatMap(({ pullRequestEvents = [] }) => pullRequestEvents) ?? [];
  const all = [
    ...events.map((event, i) => ({
      at: event.eventDate?.getTime() ?? 0,
      key: `event ${i}`,
      shown: (
        <Box>
          <b>{whoOf(event.actorArn)}</b> {deedOf(event)} · <Time at={event.eventDate} />
        </Box>
      ),
    })),
    ...threads.map((thread) => ({
      at: thread.comments[0]?.creationDate?.getTime() ?? 0,
      key: thread.id,
      shown: <Talk {...{ thread, name, pullRequestId, reached }} />,
    })),
  ].sort((a, b) => a.at - b.at);
  return (
    <SpaceBetween size="m">
      {error && <Failure error={error} />}
      {all.map(({ key, shown }) => (
        <div key={key}>{shown}</div>
      ))}
      <CommentForm label="New comment" verb="Comment" post={post} />
    </SpaceBetween>
  );
}

function Talk({
  thread,
  name,
  pullRequestId,
  reached,
}: {
  thread: Thread;
  name: string;
  pullRequestId: string;
  reached: string | undefined;
}) {
  const { location } = thread;
  return (
    <SpaceBetween size="xxs">
      {location?.filePath !== undefined && (
        <Box variant="small">
          On{' '}
          <PlaceLink
            service="codecommit"
            to="/repository/:name/pull-request/:id/changes"
            names={{ name, id: pullRequestId }}
          >
            {location.filePath}
          </PlaceLink>
          {location.filePosition !== undefined && `, line ${location.filePosition}`}
          {location.relativeFileVersion === 'BEFORE' && ' (before)'}
        </Box>
      )}
      <ThreadView thread={thread} reached={reached} />
    </SpaceBetween>
  );
}
