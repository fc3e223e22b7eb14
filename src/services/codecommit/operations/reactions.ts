import { parseArn } from '../../../aws/arn.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { limits } from '../limits.ts';
import { reactionEvent } from '../model/comment-events.ts';
import { parseReaction, REACTIONS, reactionView } from '../model/reactions.ts';
import { onComment } from '../resources/comment.ts';
import {
  commentDoesNotExist,
  invalidReactionUserArn,
  invalidReactionValue,
  reactionValueRequired,
} from '../reviews/errors.ts';
import { findComment, listReactions, setReaction } from '../store/comments.ts';
import { asked, checkMaxResults } from './arguments.ts';
import { arnOf, checkThere } from './comments.ts';
import { codecommit } from './declare.ts';

/** CC-CO-09: one of each user; another takes its place. */
export const putCommentReaction = codecommit(
  'putCommentReaction',
  onComment,
  async (ctx, input, found) => {
    if (input.reactionValue === undefined) throw reactionValueRequired();
    const reaction = parseReaction(input.reactionValue);
    if (!reaction) throw invalidReactionValue();
    const actorArn = ctx.principal.arn;
    await ctx.transaction(async (tx) => {
      const comment = await findComment(tx, found.commentId);
      if (!comment) throw commentDoesNotExist();
      checkThere(comment);
      const to = reaction === 'none' ? undefined : reaction.shortCode;
      const before = await setReaction(tx, comment.commentId, actorArn, to);
      if (reaction === 'none' || before === to) return;
      const deed = before === undefined ? ('Created' as const) : ('Updated' as const);
      await ctx.events.publish(
        tx,
        reactionEvent(comment, arnOf(comment), reaction, { deed, actorArn }),
      );
    });
    return {};
  },
);

/** CC-CO-10 */
export const getCommentReactions = codecommit(
  'getCommentReactions',
  onComment,
  async (ctx, input, comment) => {
    const userArn = input.reactionUserArn || undefined;
    if (userArn !== undefined && !parseArn(userArn)) throw invalidReactionUserArn();
    const limit = checkMaxResults(input.maxResults, limits.reactionsPage);
    const { commentId } = checkThere(comment);
    const wanted = await listReactions(ctx.db, commentId, userArn);
    const all = REACTIONS.map((reaction, place) => ({
      ...{ reaction, place },
      users: wanted.filter((one) => one.reaction === reaction.shortCode).map((one) => one.userArn),
    })).filter(({ users }) => users.length > 0);
    const { items, nextToken } = pageOfList(ctx, asked(input, limit), all, ({ place }) => place);
    const reactionsForComment = items.map(({ reaction, users }) => ({
      ...{ reaction: reactionView(reaction), reactionUsers: users },
    }));
    return { reactionsForComment, ...(nextToken && { nextToken }) };
  },
);
