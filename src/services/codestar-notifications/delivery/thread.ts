import {
  CodeCommitClient,
  type Comment,
  GetBlobCommand,
  GetCommentsForComparedCommitCommand,
  GetCommentsForPullRequestCommand,
  type Location,
} from '@aws-sdk/client-codecommit';
import type { AwsEvent } from '../../../engine/events.ts';
import type { Platform } from '../../../kit/service.ts';
import type { ThreadFacts } from '../model/details.ts';
import { actFor } from './act.ts';

const MAX_PAGES = 20;

const client = (ctx: Platform, ruleArn: string, region: string, action: string) =>
  ctx.client(CodeCommitClient, actFor(ruleArn, region, [`codecommit:${action}`]));

/** Comments at one place of a comparison. */
interface Place {
  location?: Location | undefined;
  beforeBlobId?: string | undefined;
  afterBlobId?: string | undefined;
  comments?: Comment[] | undefined;
}

/** The thread of the comment that an event tells of, as it is now. */
export async function threadOf(
  ctx: Platform,
  ruleArn: string,
  event: AwsEvent,
): Promise<ThreadFacts | undefined> {
  const { commentId = '', repositoryName = '' } = event.detail as Record<string, string>;
  // The ids of a thread's comments begin alike.
  const thread = commentId.slice(0, commentId.indexOf(':') + 1);
  const found: Comment[] = [];
  let where: Place | undefined;
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await places(ctx, ruleArn, event, nextToken);
    for (const place of answer.places) {
      for (const comment of place.comments ?? []) {
        if (!comment.commentId?.startsWith(thread)) continue;
        where ??= place;
        found.push(comment);
      }
    }
    nextToken = answer.nextToken;
    if (nextToken === undefined) break;
  }
  if (!where) return undefined;
  const { location } = where;
  const number = location?.filePosition;
  const text = await lineOf(ctx, ruleArn, event.region, { repositoryName, place: where });
  return {
    comments: found.map(({ authorArn = '', content = '' }) => ({
      ...{ authorArn, commentText: content },
    })),
    filePath: location?.filePath,
    line: number === undefined ? undefined : { number, text },
  };
}

async function places(
  ctx: Platform,
  ruleArn: string,
  { region, detail }: AwsEvent,
  nextToken: string | undefined,
): Promise<{ places: Place[]; nextToken: string | undefined }> {
  const { pullRequestId, repositoryName, beforeCommitId, afterCommitId } = detail as Record<
    string,
    string | undefined
  >;
  const compared = { repositoryName, beforeCommitId, afterCommitId, nextToken };
  if (pullRequestId !== undefined) {
    const answer = await client(ctx, ruleArn, region, 'GetCommentsForPullRequest').send(
      new GetCommentsForPullRequestCommand({ ...compared, pullRequestId }),
    );
    return { places: answer.commentsForPullRequestData ?? [], nextToken: answer.nextToken };
  }
  const answer = await client(ctx, ruleArn, region, 'GetCommentsForComparedCommit').send(
    new GetCommentsForComparedCommitCommand(compared),
  );
  return { places: answer.commentsForComparedCommitData ?? [], nextToken: answer.nextToken };
}

/** The text of the line that a comment stands at, where it stands at one. */
async function lineOf(
  ctx: Platform,
  ruleArn: string,
  region: string,
  { repositoryName, place }: { repositoryName: string; place: Place },
): Promise<string | undefined> {
  const { filePosition = 0, relativeFileVersion } = place.location ?? {};
  const blobId = relativeFileVersion === 'BEFORE' ? place.beforeBlobId : place.afterBlobId;
  if (filePosition < 1 || blobId === undefined) return undefined;
  const { content } = await client(ctx, ruleArn, region, 'GetBlob').send(
    new GetBlobCommand({ repositoryName, blobId }),
  );
  return Buffer.from(content ?? '')
    .toString()
    .split('\n')[filePosition - 1];
}
