import * as sdk from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION } from '../../testing.ts';
import {
  doing,
  PULL_REQUEST,
  type Reviews,
  refusals,
  reviews,
  rule,
  userArn,
} from './reviews/testing.ts';

eachDialect('pull requests', (makeDatabase) => {
  let it: Reviews;
  beforeEach(async () => {
    it = await reviews(makeDatabase);
  });
  afterEach(async () => {
    expect(it.server.failures).toEqual([]);
    await it.server.stop();
  });

  const target = (more: object = {}) => ({
    targets: [{ repositoryName: 'web', sourceReference: 'feature', ...more }],
  });
  const { updateStatus, merge, happened, push } = doing(() => it);

  describe('CC-PR-01 CreatePullRequest', () => {
    test('has everything that is documented, and is announced', async () => {
      const pr = await it.create({ description: 'Please review', clientRequestToken: 't1' });
      expect(pr).toEqual({
        pullRequestId: '1',
        title: 'My pull request',
        description: 'Please review',
        lastActivityDate: it.server.clock.now(),
        creationDate: it.server.clock.now(),
        pullRequestStatus: 'OPEN',
        authorArn: userArn('author'),
        pullRequestTargets: [
          {
            repositoryName: 'web',
            sourceReference: 'refs/heads/feature',
            destinationReference: 'refs/heads/main',
            destinationCommit: it.main,
            sourceCommit: it.feature,
            mergeBase: it.main,
            mergeMetadata: { isMerged: false },
          },
        ],
        clientRequestToken: 't1',
        revisionId: expect.stringMatching(/^[0-9a-f]{64}$/),
        approvalRules: [],
      });
      expect(await it.get('1')).toEqual(pr);
      expect(await happened('1')).toEqual([
        {
          ...{ pullRequestId: '1', eventDate: it.server.clock.now() },
          ...{ pullRequestEventType: 'PULL_REQUEST_CREATED', actorArn: userArn('author') },
          pullRequestCreatedEventMetadata: {
            ...{ repositoryName: 'web', sourceCommitId: it.feature },
            ...{ destinationCommitId: it.main, mergeBase: it.main },
          },
        },
      ]);
      const arn = userArn('author');
      expect(it.server.events).toEqual([
        {
          source: 'aws.codecommit',
          'detail-type': PULL_REQUEST,
          account: ACCOUNT,
          region: REGION,
          resources: [`arn:aws:codecommit:${REGION}:${ACCOUNT}:web`],
          detail: {
            author: arn,
            callerUserArn: arn,
            creationDate: 'Thu Jan 01 00:00:00 UTC 2026',
            description: 'Please review',
            destinationCommit: it.main,
            destinationReference: 'refs/heads/main',
            event: 'pullRequestCreated',
            isMerged: 'False',
            lastModifiedDate: 'Thu Jan 01 00:00:00 UTC 2026',
            notificationBody: `A pull request event occurred in the following AWS CodeCommit repository: web. User: ${arn}. Event: Created. The pull request was created with the following information: Pull Request ID as 1 and title as My pull request. For more information, go to the AWS CodeCommit console http://127.0.0.1:4566/_slipway/console/codecommit/home?region=${REGION}#/repository/web/pull-request/1`,
            pullRequestId: '1',
            pullRequestStatus: 'Open',
            repositoryNames: ['web'],
            revisionId: pr.revisionId,
            sourceCommit: it.feature,
            sourceReference: 'refs/heads/feature',
            title: 'My pull request',
          },
        },
      ]);
    });

    const REFUSED: [object, string][] = [
      [{ title: '' }, 'TitleRequiredException'],
      [{ title: 'x'.repeat(151) }, 'InvalidTitleException'],
      [{ description: 'x'.repeat(10_241) }, 'InvalidDescriptionException'],
      [{ targets: [] }, 'TargetsRequiredException'],
      [{ targets: [{}] }, 'RepositoryNameRequiredException'],
      [target({ repositoryName: 'x y' }), 'InvalidRepositoryNameException'],
      [target({ repositoryName: 'other' }), 'RepositoryDoesNotExistException'],
      [target({ sourceReference: '' }), 'ReferenceNameRequiredException'],
      [target({ sourceReference: '../x' }), 'InvalidReferenceNameException'],
      [target({ sourceReference: 'refs/heads/a..b' }), 'InvalidReferenceNameException'],
      [target({ sourceReference: 'refs/tags/v1' }), 'ReferenceTypeNotSupportedException'],
      [target({ sourceReference: 'nowhere' }), 'ReferenceDoesNotExistException'],
      [target({ destinationReference: 'nowhere' }), 'ReferenceDoesNotExistException'],
      [target({ sourceReference: 'main' }), 'SourceAndDestinationAreSameException'],
      [
        target({ destinationReference: 'refs/heads/feature' }),
        'SourceAndDestinationAreSameException',
      ],
      [{ clientRequestToken: 'x'.repeat(1001) }, 'InvalidClientRequestTokenException'],
      [
        { targets: [...target().targets, ...target({ repositoryName: 'b' }).targets] },
        'MultipleRepositoriesInPullRequestException',
      ],
      [{ targets: [...target().targets, ...target().targets] }, 'InvalidTargetsException'],
    ];

    test('what cannot be is refused, and told to nobody', async () => {
      await refusals(...REFUSED.map(([more, name]) => [it.create(more), name] as const));
      expect(it.server.events).toEqual([]);
    });

    test('the same token asks for the same, once; of each caller apart', async () => {
      const all = await Promise.all(
        Array.from({ length: 5 }, () => it.create({ clientRequestToken: 't' })),
      );
      expect(new Set(all.map(({ pullRequestId }) => pullRequestId)).size).toBe(1);
      await it
        .as('author')
        .send(new sdk.UpdatePullRequestTitleCommand({ pullRequestId: '1', title: 'Other' }));
      expect(await it.create({ clientRequestToken: 't' })).toMatchObject({ title: 'Other' });
      await expect(it.create({ clientRequestToken: 't', title: 'New' })).rejects.toMatchObject({
        name: 'IdempotencyParameterMismatchException',
      });
      const other = new sdk.CreatePullRequestCommand({
        ...{ title: 'New', clientRequestToken: 't', ...target() },
      });
      expect((await it.as('other').send(other)).pullRequest?.pullRequestId).toBe('2');
      expect(it.told(PULL_REQUEST)).toHaveLength(2);
    });

    test('numbers are given out once, also when many ask at once and when a repository goes', async () => {
      const made = await Promise.all(Array.from({ length: 5 }, () => it.create()));
      const ids = made.map(({ pullRequestId }) => Number(pullRequestId)).sort();
      expect(ids).toEqual([1, 2, 3, 4, 5]);
      const root = it.as('root');
      await root.send(new sdk.DeleteRepositoryCommand({ repositoryName: 'web' }));
      await expect(it.get('1')).rejects.toMatchObject({ name: 'PullRequestDoesNotExistException' });
      await root.send(new sdk.CreateRepositoryCommand({ repositoryName: 'web' }));
      const first = await it.commit('main', { a: 'a' });
      await it.branch('feature', first);
      expect((await it.create()).pullRequestId).toBe('6');
    });
  });

  test('CC-PR-02: what is no id, or one of nothing, is refused', async () => {
    const get = (id: string | undefined) => it.get(id as string);
    await refusals(
      [get(undefined), 'PullRequestIdRequiredException'],
      [get(''), 'PullRequestIdRequiredException'],
      ...['x', '-1', '1e3', '9'.repeat(30)].map(
        (id) => [get(id), 'InvalidPullRequestIdException'] as const,
      ),
      [get('7'), 'PullRequestDoesNotExistException'],
    );
  });

  test('CC-PR-03: lists the one in which something has happened last first, by author and status', async () => {
    await it.create();
    it.server.clock.advance(1000);
    const mine = new sdk.CreatePullRequestCommand({ title: 'Mine', ...target() });
    await it.as('other').send(mine);
    it.server.clock.advance(1000);
    await it.create();
    it.server.clock.advance(1000);
    await updateStatus('1', 'CLOSED');
    const list = async (more: object = {}) =>
      (
        await it
          .as('reader')
          .send(new sdk.ListPullRequestsCommand({ repositoryName: 'web', ...more }))
      ).pullRequestIds;
    expect(await list()).toEqual(['1', '3', '2']);
    expect(await list({ pullRequestStatus: 'OPEN' })).toEqual(['3', '2']);
    expect(await list({ authorArn: userArn('other') })).toEqual(['2']);
    expect(await list({ authorArn: userArn('author'), pullRequestStatus: 'CLOSED' })).toEqual([
      '1',
    ]);
    const refused: [object, string][] = [
      [{ pullRequestStatus: 'MERGED' }, 'InvalidPullRequestStatusException'],
      [{ authorArn: 'Mary' }, 'InvalidAuthorArnException'],
      [{ authorArn: 'arn:aws:iam::222222222222:user/Mary' }, 'AuthorDoesNotExistException'],
      [{ maxResults: 0 }, 'InvalidMaxResultsException'],
      [{ nextToken: 'x' }, 'InvalidContinuationTokenException'],
      [{ repositoryName: 'other' }, 'RepositoryDoesNotExistException'],
    ];
    await refusals(...refused.map(([more, name]) => [list(more), name] as const));
  });

  test('CC-PR-04, CC-PR-05, CC-PR-06: title and description change while it is open; a status only once', async () => {
    await it.create();
    const title = new sdk.UpdatePullRequestTitleCommand({ pullRequestId: '1', title: 'New' });
    const text = { pullRequestId: '1', description: 'Newer' };
    const description = new sdk.UpdatePullRequestDescriptionCommand(text);
    expect((await it.as('a').send(title)).pullRequest).toMatchObject({ title: 'New' });
    const described = await it.as('a').send(description);
    expect(described.pullRequest).toMatchObject({ title: 'New', description: 'Newer' });
    expect((await updateStatus('1', 'OPEN')).pullRequest?.pullRequestStatus).toBe('OPEN');
    expect((await updateStatus('1', 'CLOSED')).pullRequest?.pullRequestStatus).toBe('CLOSED');
    expect((await updateStatus('1', 'CLOSED')).pullRequest?.pullRequestStatus).toBe('CLOSED');
    await refusals(
      [updateStatus('1', 'OPEN'), 'InvalidPullRequestStatusUpdateException'],
      [updateStatus('1', 'X' as 'OPEN'), 'InvalidPullRequestStatusException'],
      [it.as('a').send(title), 'PullRequestAlreadyClosedException'],
      [
        it.as('a').send(
          new sdk.UpdatePullRequestDescriptionCommand({
            ...{ pullRequestId: '1', description: undefined as unknown as string },
          }),
        ),
        'InvalidDescriptionException',
      ],
      [it.as('a').send(description), 'PullRequestAlreadyClosedException'],
      [merge('1'), 'PullRequestAlreadyClosedException'],
    );
    const closed = { pullRequestEventType: 'PULL_REQUEST_STATUS_CHANGED' } as const;
    expect(await happened('1', closed)).toMatchObject([
      {
        actorArn: userArn('closer'),
        pullRequestStatusChangedEventMetadata: { pullRequestStatus: 'CLOSED' },
      },
    ]);
    expect(await happened('1', { actorArn: userArn('closer') })).toHaveLength(1);
    expect(it.told(PULL_REQUEST).at(-1)).toMatchObject({
      ...{ event: 'pullRequestStatusChanged', pullRequestStatus: 'Closed', isMerged: 'False' },
      notificationBody: expect.stringContaining(
        `${userArn('closer')} updated the following PullRequest 1. The pull request status has been updated. The status is closed.`,
      ),
    });
    for (const [more, name] of [
      [{ pullRequestEventType: 'X' }, 'InvalidPullRequestEventTypeException'],
      [{ actorArn: 'x' }, 'InvalidActorArnException'],
      [{ actorArn: 'arn:aws:iam::222222222222:root' }, 'ActorDoesNotExistException'],
    ] as const)
      await expect(happened('1', more)).rejects.toMatchObject({ name });
  });

  describe('CC-LIF-02, CC-LIF-03: a pull request follows its branches', () => {
    test('a push to the source makes a new revision; one to the destination does not', async () => {
      const before = await it.create();
      const next = await it.commit('feature', { 'c.txt': 'c' }, it.feature);
      const after = await it.get('1');
      expect(after.pullRequestTargets?.[0]).toMatchObject({
        ...{ sourceCommit: next, destinationCommit: it.main, mergeBase: it.main },
      });
      expect(after.revisionId).not.toBe(before.revisionId);
      expect((await happened('1')).at(-1)).toMatchObject({
        pullRequestEventType: 'PULL_REQUEST_SOURCE_REFERENCE_UPDATED',
        actorArn: `arn:aws:iam::${ACCOUNT}:root`,
        pullRequestSourceReferenceUpdatedEventMetadata: {
          ...{ repositoryName: 'web', beforeCommitId: it.main, afterCommitId: next },
          mergeBase: it.main,
        },
      });
      expect(it.told(PULL_REQUEST).at(-1)).toMatchObject({
        ...{ event: 'pullRequestSourceBranchUpdated', sourceCommit: next },
        revisionId: after.revisionId,
        notificationBody: expect.stringContaining(
          'Event: Updated.  The user updated the following pull request: 1. The pull request was updated with one or more commits to the source branch: feature.',
        ),
      });
      const main = await it.commit('main', { 'd.txt': 'd' }, it.main);
      const again = await it.get('1');
      expect(again.pullRequestTargets?.[0]).toMatchObject({
        ...{ sourceCommit: next, destinationCommit: main, mergeBase: it.main },
      });
      expect(again.revisionId).toBe(after.revisionId);
      // A push of what was there before is another revision.
      await push('mary', { feature: [it.feature, next] });
      const back = await it.get('1');
      expect(back.pullRequestTargets?.[0]?.sourceCommit).toBe(it.feature);
      expect([before.revisionId, after.revisionId]).not.toContain(back.revisionId);
      expect((await happened('1')).at(-1)).toMatchObject({ actorArn: userArn('mary') });
    });

    test('the deletion of one of its branches closes it', async () => {
      await it.branch('develop', it.main);
      await it.branch('topic', it.feature);
      const into = { destinationReference: 'develop' };
      await it.create(target({ ...into, sourceReference: 'topic' }));
      await it.create(target(into));
      for (const [branchName, closed] of [
        ['topic', '1'],
        ['develop', '2'],
      ] as const) {
        expect((await it.get(closed)).pullRequestStatus).toBe('OPEN');
        const gone = new sdk.DeleteBranchCommand({ repositoryName: 'web', branchName });
        await it.as('mary').send(gone);
        expect(await it.get(closed)).toMatchObject({
          pullRequestStatus: 'CLOSED',
          pullRequestTargets: [{ mergeMetadata: { isMerged: false } }],
        });
        expect((await happened(closed)).at(-1)).toMatchObject({
          ...{ pullRequestEventType: 'PULL_REQUEST_STATUS_CHANGED', actorArn: userArn('mary') },
        });
      }
    });

    test('a push that lands the source closes it as merged, past all rules; the source may go with it', async () => {
      await it.create();
      await it.create();
      await it.as('a').send(
        new sdk.CreatePullRequestApprovalRuleCommand({
          ...{ pullRequestId: '1', approvalRuleName: 'one', approvalRuleContent: rule(1) },
        }),
      );
      await push('mary', { main: [it.feature, it.main], feature: [undefined, it.feature] });
      expect(await it.get('1')).toMatchObject({
        pullRequestStatus: 'CLOSED',
        pullRequestTargets: [
          {
            ...{ sourceCommit: it.feature, destinationCommit: it.main, mergeBase: it.main },
            mergeMetadata: {
              ...{ isMerged: true, mergedBy: userArn('mary') },
              ...{ mergeCommitId: it.feature, mergeOption: 'FAST_FORWARD_MERGE' },
            },
          },
        ],
      });
      expect((await happened('2')).at(-1)).toMatchObject({
        pullRequestEventType: 'PULL_REQUEST_MERGE_STATE_CHANGED',
        pullRequestMergedStateChangedEventMetadata: {
          ...{ repositoryName: 'web', destinationReference: 'refs/heads/main' },
          mergeMetadata: { isMerged: true, mergedBy: userArn('mary') },
        },
      });
      expect(it.told(PULL_REQUEST).slice(-2)).toMatchObject(
        Array(2).fill({
          ...{ event: 'pullRequestMergeStatusUpdated', isMerged: 'True' },
          ...{ mergeOption: 'FAST_FORWARD_MERGE', pullRequestStatus: 'Closed' },
        }),
      );
    });
  });
});
