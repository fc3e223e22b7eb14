import { formatArn } from '../../../aws/arn.ts';
import { defineResource, type Located, on } from '../../../kit/resource.ts';
import { type Comment, isCommentId } from '../model/comment.ts';
import { commentDoesNotExist, commentIdRequired, invalidCommentId } from '../reviews/errors.ts';
import { findComment } from '../store/comments.ts';
import { repositoryArn } from '../store/repositories.ts';
import { repository } from './repository.ts';

interface LocatedComment extends Located {
  commentId: string;
}

/** Named by its id: who may do something with it is asked on its repository, and a refusal does not say which. */
export const comment = defineResource<string | undefined, LocatedComment, Comment>({
  type: repository.type,
  locate: ({ accountId, region, partition }, commentId = '') => ({
    ...{ accountId, region, commentId },
    arn: formatArn({ partition, service: 'codecommit', region, accountId, resource: '*' }),
  }),
  parse: () => undefined,
  async find(db, { accountId, region, commentId }) {
    const found = isCommentId(commentId) ? await findComment(db, commentId) : undefined;
    const here = found?.accountId === accountId && found.region === region;
    return here ? found : undefined;
  },
  check({ commentId }) {
    if (commentId === '') throw commentIdRequired();
    if (!isCommentId(commentId)) throw invalidCommentId();
  },
  known: (found) => ({ arn: repositoryArn({ ...found, name: found.repositoryName }) }),
  named: ({ arn }) => arn,
  notFound: () => commentDoesNotExist(),
});

export const onComment = on(
  comment,
  ({ commentId }: { commentId?: string | undefined }) => commentId,
);

export const onParent = on(
  comment,
  ({ inReplyTo }: { inReplyTo?: string | undefined }) => inReplyTo,
);
