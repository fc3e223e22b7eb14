import * as sdk from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION } from '../../testing.ts';
import { announceReferences, noteChange } from './history/references.ts';
import type { Merge, PullRequest } from './model/pull-request.ts';
import { references } from './reconcilers/references.ts';
import {
  doing,
  PULL_REQUEST,
  type Reviews,
  refusals,
  reviews,
  rule,
  userArn,
} from './reviews/testing.ts';
import { findPullRequest, savePullRequest } from './store/pull-requests.ts';
import { findRepository } from './store/repositories.ts';

eachDialect('merges of pull requests', (makeDatabase) => {
  let it: Reviews;
  beforeEach(async () => {
    it = await reviews(makeDatabase);
  });
  afterEach(async () => {
    expect(it.server.failures).toEqual([]);
    await it.server.stop();
  });

  const { updateStatus, merge, happened, push } = doing(() => it);

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
      await it.create({ targets: [{ repositoryName: 'web', sourceReference: 'clash' }] });
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
