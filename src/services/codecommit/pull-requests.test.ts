import * as sdk from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION } from '../../testing.ts';
import { announceReferences, changingReferences, noteChange } from './history/references.ts';
import type { Merge, PullRequest } from './model/pull-request.ts';
import { references } from './reconcilers/references.ts';
import { PULL_REQUEST, type Reviews, refusals, reviews, rule, userArn } from './reviews/testing.ts';
import { findPullRequest, savePullRequest } from './store/pull-requests.ts';
import { findRepository } from './store/repositories.ts';

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
  const updateStatus = (pullRequestId: string, pullRequestStatus: 'OPEN' | 'CLOSED') =>
    it
      .as('closer')
      .send(new sdk.UpdatePullRequestStatusCommand({ pullRequestId, pullRequestStatus }));
  const merge = (
    pullRequestId: string,
    more: Partial<sdk.MergePullRequestBySquashCommandInput> = {},
    who = 'merger',
    Command: typeof sdk.MergePullRequestBySquashCommand = sdk.MergePullRequestBySquashCommand,
  ) => it.as(who).send(new Command({ pullRequestId, repositoryName: 'web', ...more }));
  const happened = async (pullRequestId: string, more: object = {}) => {
    const describe = new sdk.DescribePullRequestEventsCommand({ pullRequestId, ...more });
    return (await it.as('reader').send(describe)).pullRequestEvents ?? [];
  };
  /** Moves branches as a push does, by hand: nobody but git knows of it before it is announced. */
  const push = async (
    who: string,
    changes: Record<string, [string | undefined, string | undefined]>,
  ) => {
    const key = { accountId: ACCOUNT, region: REGION, name: 'web' };
    const { repositoryId = '' } = (await findRepository(it.server.platform.db, key)) ?? {};
    const git = it.server.platform.git.repository(repositoryId);
    const by = { ...it.server.platform, principal: { arn: userArn(who) } as never };
    await changingReferences(by, repositoryId, async () => {
      for (const [branch, [to, from]] of Object.entries(changes))
        expect(await git.updateReference(`refs/heads/${branch}`, to, from)).toBe('updated');
    });
  };

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

  describe('CC-PR-08, CC-PR-09, CC-PR-10: merges', () => {
    const headOf = async (branchName: string) => {
      const get = new sdk.GetBranchCommand({ repositoryName: 'web', branchName });
      return (await it.as('reader').send(get)).branch?.commitId ?? '';
    };
    const commitOf = async (commitId: string) => {
      const get = new sdk.GetCommitCommand({ repositoryName: 'web', commitId });
      return (await it.as('reader').send(get)).commit;
    };

    test.each([
      ['FAST_FORWARD_MERGE', sdk.MergePullRequestByFastForwardCommand, 1],
      ['SQUASH_MERGE', sdk.MergePullRequestBySquashCommand, 1],
      ['THREE_WAY_MERGE', sdk.MergePullRequestByThreeWayCommand, 2],
    ] as const)('%s closes it', async (option, Command, parents) => {
      await it.create();
      const { pullRequest } = await merge(
        '1',
        { sourceCommitId: it.feature },
        'merger',
        Command as unknown as typeof sdk.MergePullRequestBySquashCommand,
      );
      const tip = await headOf('main');
      expect(pullRequest).toMatchObject({
        pullRequestStatus: 'CLOSED',
        pullRequestTargets: [
          {
            ...{ sourceCommit: it.feature, destinationCommit: it.main },
            mergeMetadata: {
              ...{ isMerged: true, mergedBy: userArn('merger') },
              ...{ mergeCommitId: tip, mergeOption: option },
            },
          },
        ],
      });
      expect((await commitOf(tip))?.parents).toHaveLength(parents);
      expect(tip === it.feature).toBe(option === 'FAST_FORWARD_MERGE');
      const events = it.server.events.map(({ detail }) => detail.event);
      expect(events).toEqual([
        ...['pullRequestCreated', 'referenceUpdated', 'pullRequestMergeStatusUpdated'],
      ]);
      expect(it.told(PULL_REQUEST).at(-1)).toMatchObject({ mergeOption: option });
      await expect(merge('1')).rejects.toMatchObject({ name: 'PullRequestAlreadyClosedException' });
    });

    test('what cannot be is refused, and nothing moves', async () => {
      await it.create();
      const refused: [object, string][] = [
        [{ repositoryName: undefined }, 'RepositoryNameRequiredException'],
        [{ repositoryName: 'x y' }, 'InvalidRepositoryNameException'],
        [{ repositoryName: 'other' }, 'RepositoryNotAssociatedWithPullRequestException'],
        [{ sourceCommitId: 'x' }, 'InvalidCommitIdException'],
        [{ sourceCommitId: '1'.repeat(40) }, 'TipOfSourceReferenceIsDifferentException'],
        [{ conflictDetailLevel: 'X' }, 'InvalidConflictDetailLevelException'],
        [{ email: 'x'.repeat(300) }, 'InvalidEmailException'],
      ];
      await refusals(...refused.map(([more, name]) => [merge('1', more), name] as const));
      expect(await headOf('main')).toBe(it.main);
      // Policies can name the branch that is merged into (CC-SEC-03).
      expect(it.server.conditions).toContainEqual(
        expect.objectContaining({ 'codecommit:references': 'refs/heads/main' }),
      );
    });

    test('what conflicts has to be merged by hand, or as is said', async () => {
      await it.branch('clash', it.main);
      await it.commit('clash', { 'a.txt': 'theirs\n' }, it.main);
      const main = await it.commit('main', { 'a.txt': 'ours\n' }, it.main);
      await it.create(target({ sourceReference: 'clash' }));
      await expect(merge('1')).rejects.toMatchObject({ name: 'ManualMergeRequiredException' });
      expect(await headOf('main')).toBe(main);
      expect((await it.get('1')).pullRequestStatus).toBe('OPEN');
      await merge('1', { conflictResolutionStrategy: 'ACCEPT_SOURCE' });
      expect((await it.get('1')).pullRequestTargets?.[0]?.mergeMetadata?.isMerged).toBe(true);
    });

    test('CC-LIF-05: rules that are not satisfied refuse it, satisfied or set aside they do not', async () => {
      const { revisionId } = await it.create();
      await it.as('a').send(
        new sdk.CreatePullRequestApprovalRuleCommand({
          ...{ pullRequestId: '1', approvalRuleName: 'two', approvalRuleContent: rule(2) },
        }),
      );
      const refused = { name: 'PullRequestApprovalRulesNotSatisfiedException' };
      await expect(merge('1')).rejects.toMatchObject(refused);
      const approve = (who: string, of = revisionId) =>
        it.as(who).send(
          new sdk.UpdatePullRequestApprovalStateCommand({
            ...{ pullRequestId: '1', revisionId: of, approvalState: 'APPROVE' },
          }),
        );
      await approve('one');
      await expect(merge('1')).rejects.toMatchObject(refused);
      await approve('two');
      // A push takes the approvals with it.
      const next = await it.commit('feature', { 'c.txt': 'c' }, it.feature);
      await expect(merge('1')).rejects.toMatchObject(refused);
      await expect(merge('1', { sourceCommitId: it.feature })).rejects.toMatchObject({
        name: 'TipOfSourceReferenceIsDifferentException',
      });
      await expect(approve('one')).rejects.toMatchObject({ name: 'RevisionNotCurrentException' });
      const now = (await it.get('1')).revisionId;
      await approve('one', now);
      await approve('two', now);
      await merge('1', { sourceCommitId: next });
      expect((await it.get('1')).pullRequestStatus).toBe('CLOSED');
    });

    test('ten who merge at once: one does, the others come too late', async () => {
      await it.create();
      const all = await Promise.allSettled(
        Array.from({ length: 10 }, (_, i) => merge('1', {}, `merger-${i}`)),
      );
      const lost = all.filter((one) => one.status === 'rejected').map((one) => one.reason.name);
      expect(lost).toHaveLength(9);
      for (const name of lost)
        expect([
          ...['PullRequestAlreadyClosedException', 'ConcurrentReferenceUpdateException'],
        ]).toContain(name);
      const merged = it.told(PULL_REQUEST).filter(({ isMerged }) => isMerged === 'True');
      expect(merged).toHaveLength(1);
      const pr = await it.get('1');
      const { mergeCommitId, mergedBy } = pr.pullRequestTargets?.[0]?.mergeMetadata ?? {};
      expect(mergeCommitId).toBe(await headOf('main'));
      const winner = all.findIndex((one) => one.status === 'fulfilled');
      expect(mergedBy).toBe(userArn(`merger-${winner}`));
      expect((await commitOf(mergeCommitId ?? ''))?.parents).toEqual([it.main]);
    });

    test('a merge and pushes to both branches at once: none is lost, and what was merged was looked at', async () => {
      await it.create();
      const [merged, toMain, toFeature] = await Promise.allSettled([
        merge('1', { sourceCommitId: it.feature }),
        it.commit('main', { 'm.txt': 'm' }, it.main),
        it.commit('feature', { 'f.txt': 'f' }, it.feature),
      ]);
      expect(toFeature.status).toBe('fulfilled');
      const pr = await it.get('1');
      expect(merged.status === 'fulfilled').toBe(pr.pullRequestStatus === 'CLOSED');
      if (merged.status === 'fulfilled') {
        expect(pr.pullRequestTargets?.[0]?.sourceCommit).toBe(it.feature);
        if (toMain.status === 'rejected')
          expect(toMain.reason.name).toBe('ParentCommitIdOutdatedException');
      } else {
        expect(merged.reason.name).toMatch(
          /^(ConcurrentReferenceUpdate|TipOfSourceReferenceIsDifferent)Exception$/,
        );
      }
    });

    test('closed by somebody while it is merged: it is merged, or the merge comes too late', async () => {
      await it.create();
      const [merged, closed] = await Promise.allSettled([merge('1'), updateStatus('1', 'CLOSED')]);
      expect(closed.status).toBe('fulfilled');
      const [{ mergeMetadata } = {}] = (await it.get('1')).pullRequestTargets ?? [];
      const done = merged.status === 'fulfilled';
      expect(mergeMetadata?.isMerged).toBe(done);
      expect((await headOf('main')) !== it.main).toBe(done);
      if (!done) expect(merged.reason.name).toBe('PullRequestAlreadyClosedException');
    });

    const located = { accountId: ACCOUNT, region: REGION };

    /** What the transaction of a merge leaves of it. @returns the repository, and what git does then */
    async function beginMerge() {
      const { platform } = it.server;
      const { repositoryId = '' } =
        (await findRepository(platform.db, { ...located, name: 'web' })) ?? {};
      const squash = await it.commit('main', { 'b.txt': 'b\n' }, it.main);
      await push('root', { main: [it.main, squash] });
      await platform.transaction(async (tx) => {
        const pr = (await findPullRequest(tx, { ...located, number: 1 })) as PullRequest;
        const begun: Merge = {
          ...{ mergedBy: userArn('merger'), commitId: squash, option: 'SQUASH_MERGE' as const },
          ...{ sourceCommit: it.feature, destinationCommit: it.main },
        };
        await savePullRequest(tx, { ...pr, body: { ...pr.body, merging: [begun] } });
        await noteChange(platform, tx, repositoryId, userArn('merger'));
      });
      const git = platform.git.repository(repositoryId);
      const move = () => git.updateReference('refs/heads/main', squash, it.main);
      return { platform, repositoryId, move, squash };
    }

    test('closed by somebody while it is merged, and the server is killed: it is merged, or it is not', async () => {
      await it.create();
      const { platform, repositoryId, move } = await beginMerge();
      const ofMerging = async () =>
        (await findPullRequest(platform.db, { ...located, number: 1 }))?.body.merging?.length;
      await updateStatus('1', 'CLOSED');
      await references.reconcile(platform, repositoryId, new AbortController().signal);
      expect(await ofMerging()).toBe(1);
      await move();
      await references.reconcile(platform, repositoryId, new AbortController().signal);
      const { mergeMetadata } = (await it.get('1')).pullRequestTargets?.[0] ?? {};
      expect(mergeMetadata).toMatchObject({ isMerged: true, mergedBy: userArn('merger') });
      expect(await ofMerging()).toBeUndefined();
    });

    test('closed by somebody, and git never came to move the branch: after its time nothing is waited for', async () => {
      await it.create();
      const { platform, repositoryId } = await beginMerge();
      await updateStatus('1', 'CLOSED');
      it.server.clock.advance(7 * 60 * 60_000);
      const { signal } = new AbortController();
      await references.reconcile(platform, repositoryId, signal);
      await references.reconcile(platform, repositoryId, signal);
      const left = await findPullRequest(platform.db, { ...located, number: 1 });
      expect(left).toMatchObject({ status: 'CLOSED' });
      expect(left?.body.merging).toBeUndefined();
    });

    test('a new revision while it is merged: what was looked at is what is merged', async () => {
      await it.create();
      const { platform, repositoryId, move } = await beginMerge();
      await it.commit('feature', { 'c.txt': 'c' }, it.feature);
      expect((await it.get('1')).pullRequestTargets?.[0]?.sourceCommit).not.toBe(it.feature);
      await move();
      await announceReferences(platform, repositoryId);
      const { mergeMetadata, sourceCommit } = (await it.get('1')).pullRequestTargets?.[0] ?? {};
      expect(mergeMetadata).toMatchObject({ isMerged: true, mergedBy: userArn('merger') });
      expect(sourceCommit).toBe(it.feature);
    });

    test('a merge that cannot be done any more, since something else came first, closes nothing later', async () => {
      await it.create();
      const { platform, move, squash } = await beginMerge();
      const merging = async () =>
        (await findPullRequest(platform.db, { ...located, number: 1 }))?.body.merging;
      expect(await merging()).toHaveLength(1);
      const first = await it.commit('main', { 'd.txt': 'd' }, it.main);
      await it.commit('feature', { 'c.txt': 'c' }, it.feature);
      expect(await move()).toBe('moved');
      expect(await merging()).toBeUndefined();
      // Somebody brings the very commit there, which is not what the pull request asks for any more.
      await push('root', { main: [it.main, first] });
      await push('root', { main: [squash, it.main] });
      expect((await it.get('1')).pullRequestStatus).toBe('OPEN');
    });

    test('killed between the branch and the announcement: the next look closes it as merged', async () => {
      await it.create();
      const { platform, repositoryId, move } = await beginMerge();
      expect((await it.get('1')).pullRequestStatus).toBe('OPEN');
      await move();
      await announceReferences(platform, repositoryId);
      const { mergeMetadata } = (await it.get('1')).pullRequestTargets?.[0] ?? {};
      expect(mergeMetadata).toMatchObject({ isMerged: true, mergedBy: userArn('merger') });
      expect((await happened('1')).at(-1)).toMatchObject({ actorArn: userArn('merger') });
    });
  });
});
