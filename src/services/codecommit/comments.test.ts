import * as sdk from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { REGION } from '../../testing.ts';
import {
  REPOSITORY_ARN,
  type Reviews,
  refusals,
  reviews,
  session,
  userArn,
} from './reviews/testing.ts';
import { countReactions } from './store/comments.ts';

eachDialect('comments', (makeDatabase) => {
  let it: Reviews;
  beforeEach(async () => {
    it = await reviews(makeDatabase);
    await it.create();
    it.server.events.length = 0;
  });
  afterEach(async () => {
    expect(it.server.failures).toEqual([]);
    await it.server.stop();
  });

  const ON_COMMIT = 'CodeCommit Comment on Commit';
  const ON_PULL_REQUEST = 'CodeCommit Comment on Pull Request';
  const ON_REACTION = 'CodeCommit Comment Reaction Change';
  type Who = Parameters<Reviews['as']>[0];
  const compared = () => ({
    ...{ repositoryName: 'web', beforeCommitId: it.main, afterCommitId: it.feature },
  });
  const onCommit = (more: object = {}, who: Who = 'mary') =>
    it
      .as(who)
      .send(new sdk.PostCommentForComparedCommitCommand({ ...compared(), content: 'c', ...more }));
  const onPullRequest = (more: object = {}, who: Who = 'mary') =>
    it.as(who).send(
      new sdk.PostCommentForPullRequestCommand({
        ...{ pullRequestId: '1', ...compared(), content: 'p', ...more },
      }),
    );
  const reply = (inReplyTo: string | undefined, more: object = {}, who: Who = 'li') =>
    it.as(who).send(new sdk.PostCommentReplyCommand({ inReplyTo, content: 'r', ...more }));
  const get = async (commentId: string | undefined, who: Who = 'reader') =>
    (await it.as(who).send(new sdk.GetCommentCommand({ commentId }))).comment;
  const update = (commentId: string | undefined, content: string, who: Who = 'mary') =>
    it.as(who).send(new sdk.UpdateCommentCommand({ commentId, content }));
  const react = (commentId: string | undefined, reactionValue: string, who: Who = 'li') =>
    it.as(who).send(new sdk.PutCommentReactionCommand({ commentId, reactionValue }));
  const remove = (commentId: string | undefined) =>
    it.as('mary').send(new sdk.DeleteCommentContentCommand({ commentId }));
  const listed = async (more: object = {}) =>
    (
      await it
        .as('reader')
        .send(new sdk.GetCommentsForPullRequestCommand({ pullRequestId: '1', ...more }))
    ).commentsForPullRequestData;
  const ID = /^[0-9a-f-]{36}:[0-9a-f-]{36}$/;

  test('CC-CO-01, CC-CO-03, CC-CO-05: on a comparison of commits, with replies at the same place', async () => {
    const now = it.server.clock.now();
    const location = { filePath: 'b.txt', filePosition: 1, relativeFileVersion: 'AFTER' };
    const { $metadata: _, ...posted } = await onCommit({ location, clientRequestToken: 't' });
    const get = new sdk.GetFileCommand({
      ...{ repositoryName: 'web', commitSpecifier: 'feature', filePath: 'b.txt' },
    });
    const { blobId } = await it.as('a').send(get);
    expect(posted).toEqual({
      ...compared(),
      ...{ afterBlobId: blobId, location },
      comment: {
        ...{ commentId: expect.stringMatching(ID), content: 'c', deleted: false },
        ...{ creationDate: now, lastModifiedDate: now, authorArn: userArn('mary') },
        ...{ clientRequestToken: 't', callerReactions: [], reactionCounts: {} },
      },
    });
    const first = posted.comment?.commentId ?? '';
    const { comment } = await reply(first);
    expect(comment).toMatchObject({ inReplyTo: first, authorArn: userArn('li') });
    expect(comment?.commentId?.split(':')[0]).toBe(first.split(':')[0]);
    await onCommit({ content: 'general' });
    const list = new sdk.GetCommentsForComparedCommitCommand(compared());
    const { commentsForComparedCommitData: data } = await it.as('reader').send(list);
    expect(data).toMatchObject([
      {
        ...{ ...compared(), location, afterBlobId: blobId },
        comments: [{ commentId: first }, { inReplyTo: first }],
      },
      { ...compared(), comments: [{ content: 'general' }] },
    ]);
    expect(await listed()).toEqual([]);
    expect(it.told(ON_COMMIT)[0]).toEqual({
      beforeCommitId: it.main,
      repositoryId: expect.any(String),
      notificationBody: `A comment event occurred in the following AWS CodeCommit repository: web. The user ${userArn('mary')} made a comment or replied to a comment. The comment was made on the following comment ID: ${first}. For more information, go to the AWS CodeCommit console http://127.0.0.1:4566/_slipway/console/codecommit/home?region=${REGION}#/repository/web/compare/${it.main}...${it.feature}#${first}`,
      commentId: first,
      afterCommitId: it.feature,
      event: 'commentOnCommitCreated',
      repositoryName: 'web',
      callerUserArn: userArn('mary'),
    });
    expect(it.told(ON_COMMIT)[1]).toMatchObject({ inReplyTo: first });
  });

  test('CC-CO-02, CC-CO-06, CC-SEC-04: on a pull request, also when it is closed', async () => {
    const tags = [
      { Key: 'displayName', Value: 'Mary Major' },
      { Key: 'emailAddress', Value: 'mary@example.com' },
    ];
    const { comment } = await onPullRequest({}, session('Review', 'mary', tags));
    const id = comment?.commentId;
    await it
      .as('a')
      .send(
        new sdk.UpdatePullRequestStatusCommand({ pullRequestId: '1', pullRequestStatus: 'CLOSED' }),
      );
    await reply(id);
    expect(await listed()).toMatchObject([
      { ...compared(), pullRequestId: '1', comments: [{ content: 'p' }, { inReplyTo: id }] },
    ]);
    expect(await listed(compared())).toHaveLength(1);
    expect(await listed({ ...compared(), afterCommitId: it.main })).toEqual([]);
    expect(it.told(ON_PULL_REQUEST)).toMatchObject([
      {
        ...{ event: 'commentOnPullRequestCreated', pullRequestId: '1', commentId: id },
        ...{ displayName: 'Mary Major', emailAddress: 'mary@example.com' },
        notificationBody: expect.stringContaining(
          'The display name for the user is Mary Major. The email address for the user is mary@example.com. The user ',
        ),
      },
      { inReplyTo: id },
    ]);
    await refusals(
      [listed({ beforeCommitId: it.main }), 'RepositoryNameRequiredException'],
      [listed({ repositoryName: 'web' }), 'CommitIdRequiredException'],
      [
        listed({ ...compared(), repositoryName: 'other' }),
        'RepositoryNotAssociatedWithPullRequestException',
      ],
      [listed({ ...compared(), afterCommitId: 'x' }), 'InvalidCommitIdException'],
      [listed({ ...compared(), afterCommitId: '1'.repeat(40) }), 'CommitDoesNotExistException'],
      [listed({ maxResults: 501 }), 'InvalidMaxResultsException'],
    );
  });

  test('pages of comments show each once, in the order in which they were made', async () => {
    for (let n = 0; n < 5; n++) await onPullRequest({ content: `${n}` });
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await it.as('reader').send(
        new sdk.GetCommentsForPullRequestCommand({
          ...{ pullRequestId: '1', maxResults: 2, nextToken },
        }),
      );
      for (const { comments = [] } of page.commentsForPullRequestData ?? [])
        for (const { content } of comments) seen.push(content);
      nextToken = page.nextToken;
    } while (nextToken);
    expect(seen).toEqual(['0', '1', '2', '3', '4']);
  });

  test('what is no comment, and what is no place, is refused', async () => {
    const at = (filePath: string | undefined, more: object = {}) => ({
      location: { filePath, ...more },
    });
    const other = '1'.repeat(40);
    await it.commit('main', { 'dir/x.txt': 'x' }, it.main);
    for (const post of [onCommit, onPullRequest])
      await refusals(
        [post({ content: '' }), 'CommentContentRequiredException'],
        [post({ content: 'x'.repeat(10_241) }), 'CommentContentSizeLimitExceededException'],
        [post({ afterCommitId: '' }), 'CommitIdRequiredException'],
        [post({ beforeCommitId: 'x' }), 'InvalidCommitIdException'],
        [post({ afterCommitId: 'main' }), 'InvalidCommitIdException'],
        [post({ afterCommitId: other }), 'CommitDoesNotExistException'],
        [post({ beforeCommitId: it.feature }), 'BeforeCommitIdAndAfterCommitIdAreSameException'],
        [post(at(undefined)), 'PathRequiredException'],
        [post(at('../x')), 'InvalidPathException'],
        [post(at('/')), 'InvalidFileLocationException'],
        [post(at('none')), 'PathDoesNotExistException'],
        [
          post(at('b.txt', { filePosition: 1, relativeFileVersion: 'BEFORE' })),
          'InvalidRelativeFileVersionEnumException',
        ],
        [
          post(at('b.txt', { relativeFileVersion: 'NOW' })),
          'InvalidRelativeFileVersionEnumException',
        ],
        [
          post(at('a.txt', { filePosition: 4, relativeFileVersion: 'AFTER' })),
          'InvalidFilePositionException',
        ],
        [
          post(at('a.txt', { filePosition: -1, relativeFileVersion: 'AFTER' })),
          'InvalidFilePositionException',
        ],
        [post({ clientRequestToken: 'x'.repeat(1001) }), 'InvalidClientRequestTokenException'],
      );
    await refusals(
      [
        onPullRequest({ repositoryName: 'other' }),
        'RepositoryNotAssociatedWithPullRequestException',
      ],
      [onPullRequest({ pullRequestId: '9' }), 'PullRequestDoesNotExistException'],
      [onCommit({ repositoryName: 'other' }), 'RepositoryDoesNotExistException'],
      [onCommit({ beforeCommitId: undefined }), 'CommitIdRequiredException'],
      [reply(undefined), 'CommentIdRequiredException'],
      [reply('x'), 'InvalidCommentIdException'],
      [get(`${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`), 'InvalidCommentIdException'],
    );
    const none = `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`;
    await refusals([get(`${none}:${none}`), 'CommentDoesNotExistException']);
    // The first commit of all is compared with nothing.
    const { beforeCommitId } = await onCommit({
      beforeCommitId: undefined,
      afterCommitId: it.main,
    });
    expect(beforeCommitId).toBeUndefined();
    expect(it.server.events.filter(({ detail }) => detail.commentId)).toHaveLength(1);
  });

  test('the same token makes one comment, however often and however many ask', async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, () => onPullRequest({ clientRequestToken: 't' })),
    );
    expect(new Set(all.map(({ comment }) => comment?.commentId)).size).toBe(1);
    await refusals(
      [
        onPullRequest({ clientRequestToken: 't', content: 'other' }),
        'IdempotencyParameterMismatchException',
      ],
      [onCommit({ clientRequestToken: 't' }), 'IdempotencyParameterMismatchException'],
    );
    await onPullRequest({ clientRequestToken: 't' }, 'li');
    expect(it.told(ON_PULL_REQUEST)).toHaveLength(2);
  });

  test('CC-CO-04, CC-CO-07, CC-CO-08, CC-COM-02: its author changes it; deleted, it keeps its place', async () => {
    const id = (await onPullRequest()).comment?.commentId;
    it.server.clock.advance(5000);
    const { comment } = await update(id, 'better');
    expect(comment).toMatchObject({ content: 'better', lastModifiedDate: it.server.clock.now() });
    expect(await get(id)).toEqual(comment);
    await refusals(
      [update(id, 'mine', 'li'), 'CommentNotCreatedByCallerException'],
      [update(id, ''), 'CommentContentRequiredException'],
    );
    await reply(id);
    await react(id, ':clap:');
    const deleted = await remove(id);
    expect(deleted.comment).toMatchObject({ deleted: true, reactionCounts: { CLAP: 1 } });
    expect(deleted.comment).not.toHaveProperty('content');
    expect(await listed()).toMatchObject([
      {
        comments: [
          { commentId: id, deleted: true },
          { inReplyTo: id, deleted: false },
        ],
      },
    ]);
    await refusals(
      [remove(id), 'CommentDeletedException'],
      [update(id, 'again'), 'CommentDeletedException'],
      [get(id), 'CommentDeletedException'],
      [react(id, ':clap:'), 'CommentDeletedException'],
    );
    expect(it.told(ON_PULL_REQUEST).map(({ event }) => event)).toEqual([
      ...['commentOnPullRequestCreated', 'commentOnPullRequestUpdated'],
      'commentOnPullRequestCreated',
    ]);
    expect(it.told(ON_PULL_REQUEST)[1]).toMatchObject({
      notificationBody: expect.stringContaining('updated a comment or replied to a comment.'),
    });
  });

  test('CC-CO-09, CC-CO-10, CC-EVT-09: one reaction of each user, which can change and go', async () => {
    const id = (await onPullRequest()).comment?.commentId;
    await react(id, '👍');
    await react(id, 'U+1F44D', 'mary');
    await react(id, ':ship:', 'boss');
    await react(id, ':ship:', 'boss');
    await react(id, ':eyes:', 'li');
    await react(id, 'none', 'mary');
    await react(id, ':heart:', 'mary');
    expect(await get(id, 'mary')).toMatchObject({
      ...{ callerReactions: ['HEART'], reactionCounts: { HEART: 1, SHIP: 1, EYES: 1 } },
    });
    const reactions = async (more: object = {}) =>
      (await it.as('reader').send(new sdk.GetCommentReactionsCommand({ commentId: id, ...more })))
        .reactionsForComment;
    expect(await reactions()).toEqual([
      {
        reaction: { emoji: '❤', shortCode: 'heart', unicode: 'U+2764' },
        reactionUsers: [userArn('mary')],
      },
      {
        reaction: { emoji: '🚢', shortCode: 'ship', unicode: 'U+1F6A2' },
        reactionUsers: [userArn('boss')],
      },
      {
        reaction: { emoji: '👀', shortCode: 'eyes', unicode: 'U+1F440' },
        reactionUsers: [userArn('li')],
      },
    ]);
    expect(await reactions({ reactionUserArn: userArn('li') })).toHaveLength(1);
    await refusals(
      [react(id, ':tada:'), 'InvalidReactionValueException'],
      [react(id, undefined as never), 'ReactionValueRequiredException'],
      [reactions({ reactionUserArn: 'li' }), 'InvalidReactionUserArnException'],
    );
    expect(it.told(ON_REACTION)).toMatchObject([
      { event: 'commentReactionCreated', callerUserArn: userArn('li') },
      { event: 'commentReactionCreated', callerUserArn: userArn('mary') },
      { event: 'commentReactionCreated', reactionShortcodes: [':ship:'] },
      {
        ...{ event: 'commentReactionUpdated', commentId: id, reactionEmojis: ['👀'] },
        reactionUnicodes: ['U+1F440'],
        notificationBody: `A comment reaction event occurred in the following AWS CodeCommit Repository: web. The user: ${userArn('li')} updated a reaction :eyes: to the comment with comment ID: ${id}`,
      },
      { event: 'commentReactionCreated', reactionEmojis: ['❤'] },
    ]);
    expect(it.server.events.at(-1)?.resources).toEqual([REPOSITORY_ARN]);
    await react(id, 'ship', 'mary');
    const counted = await countReactions(it.server.platform.db, [id ?? ''], userArn('mary'));
    expect(counted.get(id ?? '')).toEqual({
      ...{
        counts: expect.arrayContaining([
          ['ship', 2],
          ['eyes', 1],
        ]),
        own: 'ship',
      },
    });
  });
});
