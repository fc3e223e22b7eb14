import {
  CodeCommitClient,
  GetCommentsForComparedCommitCommand,
  PostCommentForComparedCommitCommand,
} from '@aws-sdk/client-codecommit';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useAct, useAwsPages } from '../../api/use-aws.ts';
import { Failure } from '../../parts/failure.tsx';
import { CommentForm, ThreadView } from './comments.tsx';
import { DiffFiles } from './diff-files.tsx';
import { isOfWhole, locationOf, type Side, threadsOf } from './threads.ts';

interface Props {
  repositoryName: string;
  /** Commit ids, as comments belong to commits. */
  before: string | undefined;
  after: string;
  reached?: string | undefined;
}

/** What differs between two commits, and what was said of it. */
export function ComparedTalk({ repositoryName, before, after, reached }: Props) {
  const pair = { repositoryName, beforeCommitId: before, afterCommitId: after };
  const { data, error } = useAwsPages(
    CodeCommitClient,
    (nextToken) => new GetCommentsForComparedCommitCommand({ ...pair, nextToken }),
    ({ nextToken }) => nextToken,
  );
  const { act } = useAct(CodeCommitClient);
  const threads = threadsOf(
    data?.flatMap((page) => page.commentsForComparedCommitData ?? []) ?? [],
  );
  const post = (content: string, side?: Side) =>
    act(
      new PostCommentForComparedCommitCommand({
        ...{ ...pair, content, location: locationOf(side) },
      }),
    );
  const whole = threads.filter(({ location }) => isOfWhole(location));
  return (
    <SpaceBetween size="l">
      <DiffFiles {...{ repositoryName, before, after, threads, post, reached }} />
      <Container header={<Header variant="h2">Comments</Header>}>
        <SpaceBetween size="m">
          {error && <Failure error={error} />}
          {whole.map((thread) => (
            <div key={thread.id}>
              {thread.location?.filePath !== undefined && <b>{thread.location.filePath}</b>}
              <ThreadView thread={thread} reached={reached} />
            </div>
          ))}
          <CommentForm
            label="Comment on these changes"
            verb="Comment"
            post={(content) => post(content)}
          />
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
