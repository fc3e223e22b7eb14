import * as sdk from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT } from '../../testing.ts';
import { contentSha256 } from './model/approval-rule-content.ts';
import {
  PULL_REQUEST,
  REPOSITORY_ARN,
  type Reviews,
  refusals,
  reviews,
  rule,
  session,
  sessionArn,
  userArn,
} from './reviews/testing.ts';

eachDialect('approvals', (makeDatabase) => {
  let it: Reviews;
  let revisionId: string;
  beforeEach(async () => {
    it = await reviews(makeDatabase);
    revisionId = '';
  });
  afterEach(async () => {
    expect(it.server.failures).toEqual([]);
    await it.server.stop();
  });

  const pullRequestId = '1';
  const open = async () => {
    const pr = await it.create();
    revisionId = pr.revisionId ?? '';
  };
  const state = (
    approvalState: 'APPROVE' | 'REVOKE',
    who: Parameters<Reviews['as']>[0],
    of = revisionId,
  ) =>
    it.as(who).send(
      new sdk.UpdatePullRequestApprovalStateCommand({
        ...{ pullRequestId, revisionId: of, approvalState },
      }),
    );
  const override = (overrideStatus: 'OVERRIDE' | 'REVOKE', of = revisionId) =>
    it.as('boss').send(
      new sdk.OverridePullRequestApprovalRulesCommand({
        ...{ pullRequestId, revisionId: of, overrideStatus },
      }),
    );
  const create = (approvalRuleName: string, approvalRuleContent = rule(1)) =>
    it.as('author').send(
      new sdk.CreatePullRequestApprovalRuleCommand({
        ...{ pullRequestId, approvalRuleName, approvalRuleContent },
      }),
    );
  const update = (
    approvalRuleName: string,
    newRuleContent: string,
    existingRuleContentSha256?: string,
  ) =>
    it.as('editor').send(
      new sdk.UpdatePullRequestApprovalRuleContentCommand({
        ...{ pullRequestId, approvalRuleName, newRuleContent, existingRuleContentSha256 },
      }),
    );
  const remove = (approvalRuleName: string) =>
    it
      .as('editor')
      .send(new sdk.DeletePullRequestApprovalRuleCommand({ pullRequestId, approvalRuleName }));
  const evaluation = async (of = revisionId) =>
    (
      await it
        .as('reader')
        .send(new sdk.EvaluatePullRequestApprovalRulesCommand({ pullRequestId, revisionId: of }))
    ).evaluation;
  const approvals = async (of = revisionId) =>
    (
      await it
        .as('reader')
        .send(new sdk.GetPullRequestApprovalStatesCommand({ pullRequestId, revisionId: of }))
    ).approvals;
  const overridden = async (of = revisionId) => {
    const { $metadata: _, ...answer } = await it
      .as('reader')
      .send(new sdk.GetPullRequestOverrideStateCommand({ pullRequestId, revisionId: of }));
    return answer;
  };
  const close = () =>
    it
      .as('author')
      .send(new sdk.UpdatePullRequestStatusCommand({ pullRequestId, pullRequestStatus: 'CLOSED' }));

  test('CC-AP-01, CC-AP-02, CC-AP-03: rules are made, changed and deleted, each of them told', async () => {
    await open();
    const now = it.server.clock.now();
    const content = rule(2, [`CodeCommitApprovers:${ACCOUNT}:Mary`]);
    const { approvalRule } = await create('Two of us', content);
    const shown = {
      ...{ approvalRuleId: approvalRule?.approvalRuleId, approvalRuleName: 'Two of us' },
      ...{ approvalRuleContent: content, ruleContentSha256: contentSha256(content) },
      ...{ creationDate: now, lastModifiedDate: now, lastModifiedUser: userArn('author') },
    };
    expect(approvalRule).toEqual(shown);
    expect((await it.get('1')).approvalRules).toEqual([shown]);
    it.server.clock.advance(5000);
    await update('Two of us', rule(1), contentSha256(content));
    expect((await it.get('1')).approvalRules).toMatchObject([
      {
        ...{ approvalRuleContent: rule(1), creationDate: now },
        ...{ lastModifiedUser: userArn('editor'), ruleContentSha256: contentSha256(rule(1)) },
      },
    ]);
    await refusals(
      [create('Two of us'), 'ApprovalRuleNameAlreadyExistsException'],
      [create(''), 'ApprovalRuleNameRequiredException'],
      [create('a/b'), 'InvalidApprovalRuleNameException'],
      [create('x.git'), 'InvalidApprovalRuleNameException'],
      [create('x'.repeat(101)), 'InvalidApprovalRuleNameException'],
      [create('x', ''), 'ApprovalRuleContentRequiredException'],
      [create('x', '{}'), 'InvalidApprovalRuleContentException'],
      [
        create('x', rule(1, undefined, { DestinationReferences: ['refs/heads/main'] })),
        'InvalidApprovalRuleContentException',
      ],
      [update('Two of us', rule(3), contentSha256('x')), 'InvalidRuleContentSha256Exception'],
      [update('Three', rule(3)), 'ApprovalRuleDoesNotExistException'],
    );
    const gone = await remove('Two of us');
    expect(gone.approvalRuleId).toBe(approvalRule?.approvalRuleId);
    expect((await remove('Two of us')).approvalRuleId).toBe('');
    const describe = new sdk.DescribePullRequestEventsCommand({ pullRequestId });
    const { pullRequestEvents = [] } = await it.as('reader').send(describe);
    expect(pullRequestEvents.slice(1)).toMatchObject(
      ['CREATED', 'UPDATED', 'DELETED'].map((end) => ({
        pullRequestEventType: `PULL_REQUEST_APPROVAL_RULE_${end}`,
        approvalRuleEventMetadata: {
          ...{ approvalRuleName: 'Two of us', approvalRuleId: approvalRule?.approvalRuleId },
          approvalRuleContent: end === 'CREATED' ? content : rule(1),
        },
      })),
    );
    expect(it.told(PULL_REQUEST).slice(1)).toMatchObject([
      {
        ...{ event: 'pullRequestApprovalRuleCreated', approvalRuleName: 'Two of us' },
        approvalRuleContentSha256: contentSha256(content),
        notificationBody: expect.stringContaining(
          `User: ${userArn('author')}. Event: Updated. Pull request: 1. Additional information: An approval rule has been created with the following name: Two of us.`,
        ),
      },
      { event: 'pullRequestApprovalRuleUpdated', callerUserArn: userArn('editor') },
      { event: 'pullRequestApprovalRuleDeleted', approvalRuleId: approvalRule?.approvalRuleId },
    ]);
  });

  test('CC-LIM-06: a pull request has 30 rules', async () => {
    await open();
    for (let n = 0; n < 30; n++) await create(`rule ${n}`);
    await refusals([create('one more'), 'NumberOfRulesExceededException']);
  });

  test('CC-AP-04, CC-AP-05, CC-AP-06: approvals of a revision, by whom the pool counts, not by the author', async () => {
    await open();
    expect(await evaluation()).toEqual({
      ...{ approved: true, overridden: false },
      ...{ approvalRulesSatisfied: [], approvalRulesNotSatisfied: [] },
    });
    await create('reviewers', rule(1, [`arn:aws:sts::${ACCOUNT}:assumed-role/Review/*`]));
    await create('anybody', rule(2));
    await refusals([state('APPROVE', 'author'), 'PullRequestCannotBeApprovedByAuthorException']);
    await state('APPROVE', 'mary');
    await state('APPROVE', 'mary');
    expect(await evaluation()).toMatchObject({ approved: false, approvalRulesSatisfied: [] });
    await state('APPROVE', session('Other', 'mary'));
    expect(await evaluation()).toMatchObject({
      approved: false,
      ...{ approvalRulesSatisfied: ['anybody'], approvalRulesNotSatisfied: ['reviewers'] },
    });
    await state('APPROVE', session('Review', 'li'));
    expect((await evaluation())?.approved).toBe(true);
    expect(await approvals()).toEqual(
      [userArn('mary'), sessionArn('Other', 'mary'), sessionArn('Review', 'li')].map((arn) => ({
        ...{ userArn: arn, approvalState: 'APPROVE' },
      })),
    );
    await state('REVOKE', session('Review', 'li'));
    await state('REVOKE', session('Review', 'li'));
    expect((await evaluation())?.approved).toBe(false);
    expect(await approvals()).toHaveLength(2);
    const changes = it.told(PULL_REQUEST).filter(({ approvalStatus }) => approvalStatus);
    expect(changes.map(({ approvalStatus }) => approvalStatus)).toEqual([
      ...['APPROVE', 'APPROVE', 'APPROVE', 'REVOKE'],
    ]);
    expect(changes.at(-1)).toMatchObject({
      ...{ event: 'pullRequestApprovalStateChanged', callerUserArn: sessionArn('Review', 'li') },
      notificationBody: expect.stringContaining(
        'Event: Updated. Pull request name: 1. Additional information: A user has changed their approval state for the pull request. State change: REVOKE.',
      ),
    });
  });

  test('CC-AP-07, CC-AP-08, CC-APR-05: rules are set aside for a revision, once', async () => {
    await open();
    await create('one');
    await override('REVOKE');
    await override('OVERRIDE');
    expect(await overridden()).toEqual({ overridden: true, overrider: userArn('boss') });
    expect(await evaluation()).toMatchObject({
      ...{ approved: true, overridden: true, approvalRulesNotSatisfied: ['one'] },
    });
    await refusals([override('OVERRIDE'), 'OverrideAlreadySetException']);
    const first = revisionId;
    await it.commit('feature', { 'n.txt': 'n' }, it.feature);
    revisionId = (await it.get('1')).revisionId ?? '';
    expect(await overridden()).toEqual({ overridden: false });
    expect(await overridden(first)).toMatchObject({ overridden: true });
    expect((await evaluation())?.approved).toBe(false);
    await override('OVERRIDE');
    await override('REVOKE');
    expect(await overridden()).toEqual({ overridden: false });
    expect(
      it
        .told(PULL_REQUEST)
        .filter(({ event }) => event === 'pullRequestApprovalRuleOverridden')
        .map(({ overrideStatus }) => overrideStatus),
    ).toEqual(['OVERRIDE', 'OVERRIDE', 'REVOKE']);
  });

  test('what is asked of another revision, of none, or of a closed pull request', async () => {
    await open();
    await state('APPROVE', 'mary');
    const first = revisionId;
    await it.commit('feature', { 'n.txt': 'n' }, it.feature);
    revisionId = (await it.get('1')).revisionId ?? '';
    const unknown = 'f'.repeat(64);
    expect(await approvals(first)).toHaveLength(1);
    expect(await approvals()).toEqual([]);
    await refusals(
      [state('APPROVE', 'mary', first), 'RevisionNotCurrentException'],
      [state('APPROVE', 'mary', ''), 'RevisionIdRequiredException'],
      [state('APPROVE', 'mary', 'x'), 'InvalidRevisionIdException'],
      [state('' as 'APPROVE', 'mary'), 'ApprovalStateRequiredException'],
      [state('MAYBE' as 'APPROVE', 'mary'), 'InvalidApprovalStateException'],
      [override('OVERRIDE', first), 'RevisionNotCurrentException'],
      [override('' as 'OVERRIDE'), 'OverrideStatusRequiredException'],
      [override('X' as 'OVERRIDE'), 'InvalidOverrideStatusException'],
      [evaluation(first), 'RevisionNotCurrentException'],
      [approvals(unknown), 'InvalidRevisionIdException'],
      [overridden(unknown), 'InvalidRevisionIdException'],
    );
    await close();
    await refusals(
      [state('APPROVE', 'mary'), 'PullRequestAlreadyClosedException'],
      [override('OVERRIDE'), 'PullRequestAlreadyClosedException'],
      [create('late'), 'PullRequestAlreadyClosedException'],
      [update('late', rule(1)), 'PullRequestAlreadyClosedException'],
      [remove('late'), 'PullRequestAlreadyClosedException'],
    );
  });

  test('twenty approvals at once all count, and one by one the same user counts once', async () => {
    await open();
    await create('twenty', rule(20));
    const names = Array.from({ length: 20 }, (_, n) => `user-${n}`);
    await Promise.all([...names, ...names].map((name) => state('APPROVE', name)));
    expect(await approvals()).toHaveLength(20);
    expect((await evaluation())?.approved).toBe(true);
    const told = it.told(PULL_REQUEST).filter(({ approvalStatus }) => approvalStatus);
    expect(told).toHaveLength(20);
  });

  describe('templates', () => {
    const template = 'CodeCommit Approval Rule Template Change';
    const make = (
      approvalRuleTemplateName: string,
      approvalRuleTemplateContent = rule(1),
      more: object = {},
    ) =>
      it.as('boss').send(
        new sdk.CreateApprovalRuleTemplateCommand({
          ...{ approvalRuleTemplateName, approvalRuleTemplateContent, ...more },
        }),
      );
    const associate = (approvalRuleTemplateName: string, repositoryName = 'web') =>
      it.as('boss').send(
        new sdk.AssociateApprovalRuleTemplateWithRepositoryCommand({
          ...{ approvalRuleTemplateName, repositoryName },
        }),
      );
    const get = (approvalRuleTemplateName: string) =>
      it.as('reader').send(new sdk.GetApprovalRuleTemplateCommand({ approvalRuleTemplateName }));
    const drop = (approvalRuleTemplateName: string) =>
      it.as('boss').send(new sdk.DeleteApprovalRuleTemplateCommand({ approvalRuleTemplateName }));

    test('CC-AT-01 to CC-AT-07: are made, changed, renamed and deleted, each of them told', async () => {
      const now = it.server.clock.now();
      const made = await make('2-approvers', rule(2), { approvalRuleTemplateDescription: 'Two' });
      const shown = {
        approvalRuleTemplateId: made.approvalRuleTemplate?.approvalRuleTemplateId,
        approvalRuleTemplateName: '2-approvers',
        approvalRuleTemplateDescription: 'Two',
        approvalRuleTemplateContent: rule(2),
        ruleContentSha256: contentSha256(rule(2)),
        ...{ creationDate: now, lastModifiedDate: now, lastModifiedUser: userArn('boss') },
      };
      expect(made.approvalRuleTemplate).toEqual(shown);
      expect((await get('2-approvers')).approvalRuleTemplate).toEqual(shown);
      const content = (newRuleContent: string, existingRuleContentSha256?: string) =>
        it.as('editor').send(
          new sdk.UpdateApprovalRuleTemplateContentCommand({
            ...{ approvalRuleTemplateName: '2-approvers', newRuleContent },
            existingRuleContentSha256,
          }),
        );
      await content(rule(3), contentSha256(rule(2)));
      const describe = new sdk.UpdateApprovalRuleTemplateDescriptionCommand({
        ...{ approvalRuleTemplateName: '2-approvers', approvalRuleTemplateDescription: 'Three' },
      });
      await it.as('editor').send(describe);
      const rename = (to: string) =>
        it.as('editor').send(
          new sdk.UpdateApprovalRuleTemplateNameCommand({
            ...{ oldApprovalRuleTemplateName: '2-approvers', newApprovalRuleTemplateName: to },
          }),
        );
      await make('other');
      await refusals(
        [make('other'), 'ApprovalRuleTemplateNameAlreadyExistsException'],
        [make(''), 'ApprovalRuleTemplateNameRequiredException'],
        [make('a:b'), 'InvalidApprovalRuleTemplateNameException'],
        [make('x', ''), 'ApprovalRuleTemplateContentRequiredException'],
        [make('x', '{}'), 'InvalidApprovalRuleTemplateContentException'],
        [
          make('x', rule(1), { approvalRuleTemplateDescription: 'x'.repeat(1001) }),
          'InvalidApprovalRuleTemplateDescriptionException',
        ],
        [
          it.as('a').send(
            new sdk.UpdateApprovalRuleTemplateDescriptionCommand({
              ...{ approvalRuleTemplateName: '2-approvers' },
              approvalRuleTemplateDescription: undefined as unknown as string,
            }),
          ),
          'InvalidApprovalRuleTemplateDescriptionException',
        ],
        [content(rule(4), contentSha256('x')), 'InvalidRuleContentSha256Exception'],
        [rename('other'), 'ApprovalRuleTemplateNameAlreadyExistsException'],
        [get('none'), 'ApprovalRuleTemplateDoesNotExistException'],
        [associate('none'), 'ApprovalRuleTemplateDoesNotExistException'],
        [associate('other', 'none'), 'RepositoryDoesNotExistException'],
      );
      await rename('3-approvers');
      expect((await get('3-approvers')).approvalRuleTemplate).toMatchObject({
        approvalRuleTemplateId: shown.approvalRuleTemplateId,
        ...{ approvalRuleTemplateDescription: 'Three', approvalRuleTemplateContent: rule(3) },
        lastModifiedUser: userArn('editor'),
      });
      const list = await it.as('reader').send(new sdk.ListApprovalRuleTemplatesCommand({}));
      expect(list.approvalRuleTemplateNames).toEqual(['3-approvers', 'other']);
      expect((await drop('3-approvers')).approvalRuleTemplateId).toBe(shown.approvalRuleTemplateId);
      expect((await drop('3-approvers')).approvalRuleTemplateId).toBe('');
      const told = it.told(template);
      expect(told.map(({ event }) => event)).toEqual([
        'approvalRuleTemplateCreated',
        ...Array(2).fill('approvalRuleTemplateUpdated'),
        ...['approvalRuleTemplateCreated', 'approvalRuleTemplateUpdated'],
        'approvalRuleTemplateDeleted',
      ]);
      expect(told[0]).toEqual({
        approvalRuleTemplateContentSha256: contentSha256(rule(2)),
        approvalRuleTemplateId: shown.approvalRuleTemplateId,
        approvalRuleTemplateName: '2-approvers',
        callerUserArn: userArn('boss'),
        creationDate: 'Thu Jan 01 00:00:00 UTC 2026',
        event: 'approvalRuleTemplateCreated',
        lastModifiedDate: 'Thu Jan 01 00:00:00 UTC 2026',
        notificationBody: `A approval rule template event occurred in the following AWS CodeCommit account: ${ACCOUNT}. User: ${userArn('boss')}. Additional information: An approval rule template with the following name has been created: 2-approvers. The ID of the created template is: ${shown.approvalRuleTemplateId}. For more information, go to the AWS CodeCommit console.`,
        repositories: {},
      });
    });

    test('CC-APR-04: give new pull requests into their branches a rule, which nobody changes', async () => {
      await it.create();
      await make('main only', rule(1, undefined, { DestinationReferences: ['refs/heads/main'] }));
      await make('other', rule(1, undefined, { DestinationReferences: ['refs/heads/other*'] }));
      await make('all', rule(2));
      for (const name of ['main only', 'other', 'all']) await associate(name);
      const pr = await it.create();
      expect((await it.get('1')).approvalRules).toEqual([]);
      expect(pr.approvalRules).toMatchObject([
        {
          approvalRuleName: 'all',
          originApprovalRuleTemplate: { approvalRuleTemplateName: 'all' },
        },
        { approvalRuleName: 'main only', lastModifiedUser: userArn('boss') },
      ]);
      const named = { pullRequestId: '2', approvalRuleName: 'all' };
      const again = { ...named, approvalRuleContent: rule(1) };
      await refusals(
        [
          it.as('a').send(
            new sdk.UpdatePullRequestApprovalRuleContentCommand({
              ...{ ...named, newRuleContent: rule(1) },
            }),
          ),
          'CannotModifyApprovalRuleFromTemplateException',
        ],
        [
          it.as('a').send(new sdk.DeletePullRequestApprovalRuleCommand(named)),
          'CannotDeleteApprovalRuleFromTemplateException',
        ],
        [
          it.as('a').send(new sdk.CreatePullRequestApprovalRuleCommand(again)),
          'ApprovalRuleNameAlreadyExistsException',
        ],
        [drop('all'), 'ApprovalRuleTemplateInUseException'],
      );
      await it.as('boss').send(
        new sdk.UpdateApprovalRuleTemplateContentCommand({
          ...{ approvalRuleTemplateName: 'all', newRuleContent: rule(9) },
        }),
      );
      const apart = { approvalRuleTemplateName: 'all', repositoryName: 'web' };
      await it
        .as('boss')
        .send(new sdk.DisassociateApprovalRuleTemplateFromRepositoryCommand(apart));
      await drop('all');
      expect((await it.get('2')).approvalRules?.[0]).toMatchObject({
        ...{ approvalRuleName: 'all', approvalRuleContent: rule(2) },
      });
      const repositories = { web: expect.any(String) };
      expect(
        it.server.events.find(
          ({ detail }) => detail.event === 'approvalRuleTemplateAssociatedWithRepository',
        ),
      ).toMatchObject({
        ...{ 'detail-type': template, resources: [REPOSITORY_ARN], detail: { repositories } },
      });
    });

    test('CC-AT-08 to CC-AT-13: are associated with many repositories, each with its own answer', async () => {
      for (const repositoryName of ['api', 'cli'])
        await it.as('root').send(new sdk.CreateRepositoryCommand({ repositoryName }));
      await make('one');
      const named = { approvalRuleTemplateName: 'one' };
      const add = async (...repositoryNames: string[]) => {
        const { $metadata: _, ...answer } = await it.as('boss').send(
          new sdk.BatchAssociateApprovalRuleTemplateWithRepositoriesCommand({
            ...{ ...named, repositoryNames },
          }),
        );
        return answer;
      };
      expect(await add('web', 'none', 'api', 'x y', 'web')).toEqual({
        associatedRepositoryNames: ['web', 'api'],
        errors: [
          {
            ...{ repositoryName: 'none', errorCode: 'RepositoryDoesNotExistException' },
            errorMessage: 'none does not exist',
          },
          {
            ...{ repositoryName: 'x y', errorCode: 'InvalidRepositoryNameException' },
            errorMessage: expect.any(String),
          },
        ],
      });
      const list = () =>
        it.as('reader').send(new sdk.ListRepositoriesForApprovalRuleTemplateCommand(named));
      expect((await list()).repositoryNames).toEqual(['api', 'web']);
      const of = { repositoryName: 'web' };
      const associated = await it
        .as('reader')
        .send(new sdk.ListAssociatedApprovalRuleTemplatesForRepositoryCommand(of));
      expect(associated.approvalRuleTemplateNames).toEqual(['one']);
      await refusals(
        [add(), 'RepositoryNamesRequiredException'],
        [
          add(...Array.from({ length: 101 }, (_, n) => `r${n}`)),
          'MaximumRepositoryNamesExceededException',
        ],
      );
      const removed = await it.as('boss').send(
        new sdk.BatchDisassociateApprovalRuleTemplateFromRepositoriesCommand({
          ...{ ...named, repositoryNames: ['api', 'web', 'cli', 'none'] },
        }),
      );
      expect(removed).toMatchObject({
        disassociatedRepositoryNames: ['api', 'web', 'cli'],
        errors: [{ repositoryName: 'none' }],
      });
      expect((await list()).repositoryNames).toEqual([]);
      expect(it.told(template).slice(1)).toMatchObject([
        {
          event: 'batchAssociateApprovalRuleTemplateWithRepositories',
          notificationBody: expect.stringContaining(
            'An approval rule template has been batch associated with the following repository names: [web, api].',
          ),
        },
        { event: 'batchDisassociateApprovalRuleTemplateFromRepositories' },
      ]);
      for (let n = 0; n < 25; n++) {
        await make(`t${n}`);
        await associate(`t${n}`);
      }
      await refusals([associate('one'), 'MaximumRuleTemplatesAssociatedWithRepositoryException']);
      expect((await add('web')).errors).toMatchObject([
        { errorCode: 'MaximumRuleTemplatesAssociatedWithRepositoryException' },
      ]);
    });
  });
});
