import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aws, noAws } from './aws.ts';
import { startServer, type TestServer } from './server.ts';
import type { Typed } from './words.ts';

/** What the documentation of `aws codecommit` shows, command by command, with the members that its answers have there and no others. */
describe.skipIf(noAws)(`the documented examples of aws codecommit${noAws || ''}`, () => {
  let server: TestServer;
  const run = (...typed: Typed) => aws(server)(...typed);

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    await server?.stop();
  });

  const ID = expect.stringMatching(/^[0-9a-f]{40}$/);
  const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const REVISION = expect.stringMatching(/^[0-9a-f]{64}$/);
  const DATE = expect.anything();
  const arnOf = (name: string) => `arn:aws:codecommit:us-east-1:000000000000:${name}`;
  const caller = 'arn:aws:iam::000000000000:root';
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const repository = (name: string, more: object = {}) => ({
    ...{ accountId: '000000000000', repositoryId: UUID, repositoryName: name, Arn: arnOf(name) },
    ...{ lastModifiedDate: DATE, creationDate: DATE },
    cloneUrlHttp: `${server.endpoint}/v1/repos/${name}`,
    cloneUrlSsh: expect.stringMatching(new RegExp(`^ssh://.*/v1/repos/${name}$`)),
    ...more,
  });
  const commit = async (branch: string, file: string, content: string, parent?: string) => {
    const files = `filePath=${file},fileContent=${btoa(content)}`;
    const after = parent === undefined ? [] : ['--parent-commit-id', parent];
    const made =
      await run`codecommit create-commit --repository-name MyDemoRepo --branch-name ${branch} --put-files ${files} ${after}`;
    return made.commitId as string;
  };
  let first: string;

  test('repositories, tags, files, commits and branches', async () => {
    const about = 'My demonstration repository';
    const created =
      await run`codecommit create-repository --repository-name MyDemoRepo --repository-description ${about} --tags Team=Saanvi`;
    const shown = { repositoryDescription: about };
    expect(created).toMatchObject({ repositoryMetadata: repository('MyDemoRepo', shown) });
    await run`codecommit create-repository --repository-name MyOtherDemoRepo`;
    // As version 2 of the command wants it, to which version 1 has no word that both know.
    const files = `filePath=readme.md,fileContent=${btoa('Welcome to our team repository.')}`;
    const made =
      await run`codecommit create-commit --repository-name MyDemoRepo --branch-name main --put-files ${files}`;
    expect(made).toEqual({
      ...{ commitId: ID, treeId: ID, filesDeleted: [], filesUpdated: [] },
      filesAdded: [{ blobId: ID, absolutePath: 'readme.md', fileMode: 'NORMAL' }],
    });
    first = made.commitId as string;
    const put =
      await run`codecommit put-file --repository-name MyDemoRepo --branch-name main --file-content aGVsbG8K
        --file-path /solutions/ExampleSolution.py --parent-commit-id ${first} --name "Maria Garcia"
        --email "maria_garcia@example.com" --commit-message "I added a third randomization routine."`;
    expect(put).toEqual({ blobId: ID, commitId: ID, treeId: ID });
    const { commitId, blobId } = put as { commitId: string; blobId: string };
    expect(
      await run`codecommit get-file --repository-name MyDemoRepo --commit-specifier main --file-path readme.md`,
    ).toEqual({
      ...{ blobId: ID, commitId, filePath: 'readme.md', fileMode: 'NORMAL' },
      ...{ fileContent: expect.any(String), fileSize: expect.any(Number) },
    });
    const folder = { absolutePath: 'solutions', relativePath: 'solutions', treeId: ID };
    expect(await run`codecommit get-folder --repository-name MyDemoRepo --folder-path ""`).toEqual({
      ...{ commitId, folderPath: '', treeId: ID, subFolders: [folder], subModules: [] },
      symbolicLinks: [],
      files: [
        { absolutePath: 'readme.md', blobId: ID, fileMode: 'NORMAL', relativePath: 'readme.md' },
      ],
    });
    expect(await run`codecommit get-blob --repository-name MyDemoRepo --blob-id ${blobId}`).toEqual(
      { content: expect.any(String) },
    );
    const person = {
      ...{ name: 'Maria Garcia', email: 'maria_garcia@example.com' },
      date: expect.stringMatching(/^\d+ [+-]\d{4}$/),
    };
    const its = {
      ...{ additionalData: '', committer: person, author: person, treeId: ID, parents: [first] },
      message: expect.stringMatching(/^I added a third randomization routine\.\n?$/),
    };
    expect(
      await run`codecommit get-commit --repository-name MyDemoRepo --commit-id ${commitId}`,
    ).toEqual({ commit: { ...its, commitId } });
    expect(
      await run`codecommit batch-get-commits --repository-name MyDemoRepo --commit-ids ${[commitId, first]}`,
    ).toEqual({
      commits: [{ ...its, commitId }, expect.objectContaining({ commitId: first })],
      errors: [],
    });
    expect(
      await run`codecommit get-differences --repository-name MyDemoRepo --before-commit-specifier ${first} --after-commit-specifier ${commitId}`,
    ).toEqual({
      differences: [
        {
          changeType: 'A',
          afterBlob: { path: 'solutions/ExampleSolution.py', blobId, mode: '100644' },
        },
      ],
    });
    expect(
      await run`codecommit delete-file --repository-name MyDemoRepo --branch-name main --file-path solutions/ExampleSolution.py --parent-commit-id ${commitId}`,
    ).toEqual({ blobId, commitId: ID, filePath: 'solutions/ExampleSolution.py', treeId: ID });

    await run`codecommit create-branch --repository-name MyDemoRepo --branch-name MyNewBranch --commit-id ${first}`;
    expect(
      await run`codecommit get-branch --repository-name MyDemoRepo --branch-name MyNewBranch`,
    ).toEqual({ branch: { branchName: 'MyNewBranch', commitId: first } });
    expect(await run`codecommit list-branches --repository-name MyDemoRepo`).toEqual({
      branches: ['MyNewBranch', 'main'],
    });
    await run`codecommit update-default-branch --repository-name MyDemoRepo --default-branch-name MyNewBranch`;
    await run`codecommit update-default-branch --repository-name MyDemoRepo --default-branch-name main`;
    expect(
      await run`codecommit delete-branch --repository-name MyDemoRepo --branch-name MyNewBranch`,
    ).toEqual({ deletedBranch: { branchName: 'MyNewBranch', commitId: first } });

    const inMain = { ...shown, defaultBranch: 'main' };
    expect(await run`codecommit get-repository --repository-name MyDemoRepo`).toEqual({
      repositoryMetadata: expect.objectContaining(repository('MyDemoRepo', inMain)),
    });
    expect(
      await run`codecommit batch-get-repositories --repository-names MyDemoRepo MyOtherDemoRepo`,
    ).toMatchObject({
      repositories: [repository('MyDemoRepo', inMain), repository('MyOtherDemoRepo')],
      repositoriesNotFound: [],
    });
    expect(await run`codecommit list-repositories`).toEqual({
      repositories: [
        { repositoryName: 'MyDemoRepo', repositoryId: UUID },
        { repositoryName: 'MyOtherDemoRepo', repositoryId: UUID },
      ],
    });
    await run`codecommit update-repository-description --repository-name MyDemoRepo --repository-description "This description was changed"`;
    await run`codecommit create-repository --repository-name Old`;
    await run`codecommit update-repository-name --old-name Old --new-name New`;
    expect(await run`codecommit delete-repository --repository-name New`).toEqual({
      repositoryId: UUID,
    });
    const arn = arnOf('MyDemoRepo');
    await run`codecommit tag-resource --resource-arn ${arn} --tags Status=Secret,Team=Saanvi`;
    expect(await run`codecommit list-tags-for-resource --resource-arn ${arn}`).toEqual({
      tags: { Status: 'Secret', Team: 'Saanvi' },
    });
    await run`codecommit untag-resource --resource-arn ${arn} --tag-keys Status`;
  });

  test('triggers', async () => {
    const { TopicArn } = await run`sns create-topic --name MySNSTopic`;
    const trigger = {
      ...{ name: 'MyTrigger', destinationArn: TopicArn, customData: '', events: ['all'] },
      branches: ['main', 'preprod'],
    };
    const given = JSON.stringify({ repositoryName: 'MyDemoRepo', triggers: [trigger] });
    expect(
      await run`codecommit put-repository-triggers --repository-name MyDemoRepo --cli-input-json ${given}`,
    ).toEqual({ configurationId: UUID });
    expect(await run`codecommit get-repository-triggers --repository-name MyDemoRepo`).toEqual({
      ...{ configurationId: UUID, triggers: [trigger] },
    });
    expect(await run`codecommit test-repository-triggers --cli-input-json ${given}`).toEqual({
      ...{ successfulExecutions: ['MyTrigger'], failedExecutions: [] },
    });
  });

  test('merges', async () => {
    const main = (
      (await run`codecommit get-branch --repository-name MyDemoRepo --branch-name main`).branch as {
        commitId: string;
      }
    ).commitId;
    const branch = (name: string) =>
      run`codecommit create-branch --repository-name MyDemoRepo --branch-name ${name} --commit-id ${main}`;
    for (const name of ['feature-randomizationfeature', 'bugfix-bug1233', 'bugfix-bug1234'])
      await branch(name);
    const fix = await commit('bugfix-bug1234', 'fix.txt', 'fixed', main);
    const specifiers = [
      '--source-commit-specifier',
      'bugfix-bug1234',
      '--repository-name',
      'MyDemoRepo',
    ];
    expect(
      await run`codecommit get-merge-options ${specifiers} --destination-commit-specifier main`,
    ).toEqual({
      mergeOptions: ['FAST_FORWARD_MERGE', 'SQUASH_MERGE', 'THREE_WAY_MERGE'],
      ...{ sourceCommitId: fix, destinationCommitId: main, baseCommitId: main },
    });
    expect(
      await run`codecommit create-unreferenced-merge-commit ${specifiers} --destination-commit-specifier main
        --merge-option THREE_WAY_MERGE --author-name "Maria Garcia" --email "maria_garcia@example.com"
        --commit-message "Testing the results of this merge."`,
    ).toEqual({ commitId: ID, treeId: ID });
    expect(
      await run`codecommit get-merge-commit ${specifiers} --destination-commit-specifier main`,
    ).toEqual({
      ...{ sourceCommitId: fix, destinationCommitId: main, baseCommitId: main, mergedCommitId: ID },
    });
    expect(
      await run`codecommit merge-branches-by-squash ${specifiers} --destination-commit-specifier bugfix-bug1233
        --author-name "Maria Garcia" --email "maria_garcia@example.com"
        --commit-message "Merging two fix branches to prepare for a general patch."`,
    ).toEqual({ commitId: ID, treeId: ID });
    await branch('other');
    expect(
      await run`codecommit merge-branches-by-fast-forward ${specifiers} --destination-commit-specifier other`,
    ).toEqual({ commitId: fix, treeId: ID });
    const next = await commit('main', 'readme.md', 'theirs', main);
    expect(
      await run`codecommit merge-branches-by-three-way --source-commit-specifier main
        --destination-commit-specifier bugfix-bug1234 --author-name "Jorge Souza" --email "jorge_souza@example.com"
        --commit-message "Merging changes from main to bugfix branch before additional testing." --repository-name MyDemoRepo`,
    ).toEqual({ commitId: ID, treeId: ID });

    const ours = await commit('feature-randomizationfeature', 'readme.md', 'ours', main);
    const ids = { sourceCommitId: ours, destinationCommitId: next, baseCommitId: main };
    const both = <T>(value: T) => ({ source: value, destination: value, base: value });
    const conflictMetadata = {
      ...{ filePath: 'readme.md', fileModes: both('NORMAL'), objectTypes: both('FILE') },
      ...{ fileSizes: both(expect.any(Number)), isBinaryFile: both(false), numberOfConflicts: 1 },
      ...{ contentConflict: true, fileModeConflict: false, objectTypeConflict: false },
      mergeOperations: { source: 'M', destination: 'M' },
    };
    const lines = { startLine: 0, endLine: 1, hunkContent: expect.any(String) };
    const mergeHunks = [{ isConflict: true, source: lines, destination: lines, base: lines }];
    const asked = [
      ...[
        '--source-commit-specifier',
        'feature-randomizationfeature',
        '--merge-option',
        'THREE_WAY_MERGE',
      ],
      ...['--destination-commit-specifier', 'main', '--repository-name', 'MyDemoRepo'],
    ];
    expect(await run`codecommit get-merge-conflicts ${asked}`).toEqual({
      ...{ ...ids, mergeable: false, conflictMetadataList: [conflictMetadata] },
    });
    expect(await run`codecommit describe-merge-conflicts ${asked} --file-path readme.md`).toEqual({
      ...{ ...ids, conflictMetadata, mergeHunks },
    });
    expect(await run`codecommit batch-describe-merge-conflicts ${asked}`).toEqual({
      ...{ ...ids, conflicts: [{ conflictMetadata, mergeHunks }], errors: [] },
    });
  });

  const rule = (more: object) =>
    JSON.stringify({
      ...{ Version: '2018-11-08', ...more },
      Statements: [
        {
          ...{ Type: 'Approvers', NumberOfApprovalsNeeded: 2 },
          ApprovalPoolMembers: ['arn:aws:sts::123456789012:assumed-role/CodeCommitReview/*'],
        },
      ],
    });

  test('approval rule templates', async () => {
    const content = rule({ DestinationReferences: ['refs/heads/main'] });
    const name = '2-approver-rule-for-main';
    const about = 'Requires two developers from the team to approve the pull request';
    const template = {
      ...{ approvalRuleTemplateId: UUID, approvalRuleTemplateName: name },
      ...{ approvalRuleTemplateContent: content, approvalRuleTemplateDescription: about },
      ...{ creationDate: DATE, lastModifiedDate: DATE, lastModifiedUser: caller },
      ruleContentSha256: sha256(content),
    };
    const named = ['--approval-rule-template-name', name];
    expect(
      await run`codecommit create-approval-rule-template ${named} --approval-rule-template-description ${about} --approval-rule-template-content ${content}`,
    ).toEqual({ approvalRuleTemplate: template });
    expect(await run`codecommit get-approval-rule-template ${named}`).toEqual({
      approvalRuleTemplate: template,
    });
    expect(await run`codecommit list-approval-rule-templates`).toEqual({
      approvalRuleTemplateNames: [name],
    });
    await run`codecommit associate-approval-rule-template-with-repository --repository-name MyDemoRepo ${named}`;
    expect(
      await run`codecommit list-associated-approval-rule-templates-for-repository --repository-name MyDemoRepo`,
    ).toEqual({ approvalRuleTemplateNames: [name] });
    const repositories = ['MyDemoRepo', 'MyOtherDemoRepo'];
    expect(
      await run`codecommit batch-associate-approval-rule-template-with-repositories --repository-names ${repositories} ${named}`,
    ).toEqual({ associatedRepositoryNames: repositories, errors: [] });
    expect(await run`codecommit list-repositories-for-approval-rule-template ${named}`).toEqual({
      repositoryNames: repositories,
    });
    await run`codecommit disassociate-approval-rule-template-from-repository --repository-name MyDemoRepo ${named}`;
    expect(
      await run`codecommit batch-disassociate-approval-rule-template-from-repositories --repository-names ${repositories} ${named}`,
    ).toEqual({ disassociatedRepositoryNames: repositories, errors: [] });
    const other = rule({ DestinationReferences: ['refs/heads/main*'] });
    expect(
      await run`codecommit update-approval-rule-template-content ${named} --new-rule-content ${other}`,
    ).toMatchObject({ approvalRuleTemplate: { approvalRuleTemplateContent: other } });
    expect(
      await run`codecommit update-approval-rule-template-description ${named} --approval-rule-template-description other`,
    ).toMatchObject({ approvalRuleTemplate: { approvalRuleTemplateDescription: 'other' } });
    expect(
      await run`codecommit update-approval-rule-template-name --old-approval-rule-template-name ${name} --new-approval-rule-template-name 1-approver-rule`,
    ).toMatchObject({ approvalRuleTemplate: { approvalRuleTemplateName: '1-approver-rule' } });
    await run`codecommit associate-approval-rule-template-with-repository --repository-name MyDemoRepo --approval-rule-template-name 1-approver-rule`;
    expect(
      await run`codecommit delete-approval-rule-template --approval-rule-template-name 1-approver-rule`.catch(
        ({ message }) => message,
      ),
    ).toContain('ApprovalRuleTemplateInUseException');
    await run`codecommit disassociate-approval-rule-template-from-repository --repository-name MyDemoRepo --approval-rule-template-name 1-approver-rule`;
    expect(
      await run`codecommit delete-approval-rule-template --approval-rule-template-name 1-approver-rule`,
    ).toEqual({ approvalRuleTemplateId: UUID });
  });

  test('pull requests, their rules, comments and merges', async () => {
    const main = (
      (await run`codecommit get-branch --repository-name MyDemoRepo --branch-name main`).branch as {
        commitId: string;
      }
    ).commitId;
    for (const name of ['MyNewBranch', 'squashed', 'merged'])
      await run`codecommit create-branch --repository-name MyDemoRepo --branch-name ${name} --commit-id ${main}`;
    const change = await commit('MyNewBranch', 'ahs_count.py', 'count', main);
    const pullRequest = {
      ...{ pullRequestId: '1', title: 'My Pull Request', authorArn: caller, approvalRules: [] },
      ...{
        description: 'Please review these changes by Tuesday',
        clientRequestToken: '123Example',
      },
      ...{ lastActivityDate: DATE, creationDate: DATE, pullRequestStatus: 'OPEN' },
      revisionId: REVISION,
      pullRequestTargets: [
        {
          ...{ repositoryName: 'MyDemoRepo', sourceReference: 'refs/heads/MyNewBranch' },
          ...{ sourceCommit: change, destinationReference: 'refs/heads/main' },
          ...{ destinationCommit: main, mergeBase: main, mergeMetadata: { isMerged: false } },
        },
      ],
    };
    const created =
      await run`codecommit create-pull-request --title "My Pull Request" --description "Please review these changes by Tuesday" --client-request-token 123Example --targets repositoryName=MyDemoRepo,sourceReference=MyNewBranch`;
    expect(created).toEqual({ pullRequest });
    const { revisionId } = created.pullRequest as { revisionId: string };
    const its = ['--pull-request-id', '1'];
    const revision = [...its, '--revision-id', revisionId];
    expect(await run`codecommit get-pull-request ${its}`).toEqual({ pullRequest });
    expect(
      await run`codecommit list-pull-requests --author-arn ${caller} --pull-request-status OPEN --repository-name MyDemoRepo`,
    ).toEqual({ pullRequestIds: ['1'] });

    const content = rule({});
    const name = ['--approval-rule-name', 'Require two approved approvers'];
    const approvalRule = {
      ...{ approvalRuleId: UUID, approvalRuleName: 'Require two approved approvers' },
      ...{ approvalRuleContent: content, ruleContentSha256: sha256(content) },
      ...{ creationDate: DATE, lastModifiedDate: DATE, lastModifiedUser: caller },
    };
    expect(
      await run`codecommit create-pull-request-approval-rule ${its} ${name} --approval-rule-content ${content}`,
    ).toEqual({ approvalRule });
    const evaluated = {
      approvalRulesNotSatisfied: ['Require two approved approvers'],
      approvalRulesSatisfied: [],
    };
    expect(await run`codecommit evaluate-pull-request-approval-rules ${revision}`).toEqual({
      evaluation: { ...evaluated, approved: false, overridden: false },
    });
    const other = content.replace(':2,', ':1,');
    expect(
      await run`codecommit update-pull-request-approval-rule-content ${its} ${name} --new-rule-content ${other}`,
    ).toEqual({
      approvalRule: {
        ...approvalRule,
        approvalRuleContent: other,
        ruleContentSha256: sha256(other),
      },
    });
    await run`codecommit override-pull-request-approval-rules ${revision} --override-status OVERRIDE`;
    expect(await run`codecommit get-pull-request-override-state ${revision}`).toEqual({
      ...{ overridden: true, overrider: caller },
    });
    expect(await run`codecommit delete-pull-request-approval-rule ${its} ${name}`).toEqual({
      approvalRuleId: UUID,
    });
    await run`iam create-user --user-name mary`;
    const policy = { Effect: 'Allow', Action: 'codecommit:*', Resource: '*' };
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [policy] });
    await run`iam put-user-policy --user-name mary --policy-name p --policy-document ${document}`;
    const { AccessKey } = await run`iam create-access-key --user-name mary`;
    const { AccessKeyId, SecretAccessKey } = AccessKey as Record<string, string>;
    const env = {
      ...{ ...server.env, AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey },
    };
    const asMary = aws({ endpoint: server.endpoint, env });
    await asMary`codecommit update-pull-request-approval-state ${revision} --approval-state APPROVE`;
    expect(await run`codecommit get-pull-request-approval-states ${revision}`).toEqual({
      approvals: [{ userArn: 'arn:aws:iam::000000000000:user/mary', approvalState: 'APPROVE' }],
    });

    const at = ['--before-commit-id', main, '--after-commit-id', change];
    const place = (line: number) => [
      '--location',
      `filePath=ahs_count.py,filePosition=${line},relativeFileVersion=AFTER`,
    ];
    const comment = (text: string, more: object = {}) => ({
      ...{ authorArn: caller, commentId: expect.stringMatching(/^[0-9a-f-]+:[0-9a-f-]+$/) },
      ...{ content: text, creationDate: DATE, lastModifiedDate: DATE, deleted: false },
      ...{ callerReactions: [], reactionCounts: {}, clientRequestToken: '123Example', ...more },
    });
    const where = {
      ...{
        repositoryName: 'MyDemoRepo',
        beforeCommitId: main,
        afterCommitId: change,
        afterBlobId: ID,
      },
      location: { filePath: 'ahs_count.py', filePosition: 1, relativeFileVersion: 'AFTER' },
    };
    const unused = "These don't appear to be used anywhere. Can we remove them?";
    const posted =
      await run`codecommit post-comment-for-pull-request ${its} --repository-name MyDemoRepo ${at} --client-request-token 123Example --content ${unused} ${place(1)}`;
    expect(posted).toEqual({ ...where, pullRequestId: '1', comment: comment(unused) });
    const { commentId } = posted.comment as { commentId: string };
    expect(
      await run`codecommit post-comment-reply --in-reply-to ${commentId} --content "Good catch. I'll remove them." --client-request-token 1234Example`,
    ).toEqual({
      comment: comment("Good catch. I'll remove them.", {
        ...{ inReplyTo: commentId, clientRequestToken: '1234Example' },
      }),
    });
    await run`codecommit put-comment-reaction --comment-id ${commentId} --reaction-value :thumbsup:`;
    expect(await run`codecommit get-comment-reactions --comment-id ${commentId}`).toEqual({
      reactionsForComment: [
        {
          reaction: { emoji: '👍', shortCode: 'thumbsup', unicode: 'U+1F44D' },
          reactionUsers: [caller],
        },
      ],
    });
    const reacted = { callerReactions: ['THUMBSUP'], reactionCounts: { THUMBSUP: 1 } };
    expect(await run`codecommit get-comment --comment-id ${commentId}`).toEqual({
      comment: comment(unused, reacted),
    });
    expect(
      await run`codecommit update-comment --comment-id ${commentId} --content "Fixed as requested. I'll update the pull request."`,
    ).toEqual({ comment: comment("Fixed as requested. I'll update the pull request.", reacted) });
    expect(
      await run`codecommit get-comments-for-pull-request ${its} --repository-name MyDemoRepo ${at}`,
    ).toEqual({
      commentsForPullRequestData: [
        { ...where, pullRequestId: '1', comments: [expect.anything(), expect.anything()] },
      ],
    });
    const gone = await run`codecommit delete-comment-content --comment-id ${commentId}`;
    const { content: _, ...left } = comment('', { ...reacted, deleted: true });
    expect(gone).toEqual({ comment: left });
    const test = 'Can you add a test case for this?';
    expect(
      await run`codecommit post-comment-for-compared-commit --repository-name MyDemoRepo ${at} --client-request-token 5Example --content ${test} ${place(1)}`,
    ).toEqual({ ...where, comment: comment(test, { clientRequestToken: '5Example' }) });
    expect(
      await run`codecommit get-comments-for-compared-commit --repository-name MyDemoRepo ${at}`,
    ).toEqual({
      commentsForComparedCommitData: [
        { ...where, comments: [comment(test, { clientRequestToken: '5Example' })] },
      ],
    });

    const text = { title: 'Consolidation of global variables - updated review' };
    expect(
      await run`codecommit update-pull-request-title ${its} --title ${text.title}`,
    ).toMatchObject({ pullRequest: text });
    expect(
      await run`codecommit update-pull-request-description ${its} --description "Updated the pull request."`,
    ).toMatchObject({ pullRequest: { ...text, description: 'Updated the pull request.' } });
    const merged = (mergeOption: string) => ({
      pullRequest: expect.objectContaining({
        pullRequestStatus: 'CLOSED',
        pullRequestTargets: [
          expect.objectContaining({
            mergeMetadata: { isMerged: true, mergedBy: caller, mergeCommitId: ID, mergeOption },
          }),
        ],
      }),
    });
    expect(
      await run`codecommit merge-pull-request-by-fast-forward ${its} --source-commit-id ${change} --repository-name MyDemoRepo`,
    ).toEqual(merged('FAST_FORWARD_MERGE'));
    const opened = async (branch: string) => {
      const source = await commit(branch, `${branch}.txt`, branch, main);
      const made =
        await run`codecommit create-pull-request --title ${branch} --targets ${`repositoryName=MyDemoRepo,sourceReference=${branch}`}`;
      const { pullRequestId } = made.pullRequest as { pullRequestId: string };
      return [
        '--pull-request-id',
        pullRequestId,
        '--source-commit-id',
        source,
        '--repository-name',
        'MyDemoRepo',
      ];
    };
    expect(
      await run`codecommit merge-pull-request-by-squash ${await opened('squashed')} --conflict-detail-level LINE_LEVEL
        --conflict-resolution-strategy ACCEPT_SOURCE --author-name "Jorge Souza" --email "jorge_souza@example.com"
        --commit-message "Merging pull request 47 by squash and accepting source in merge conflicts"`,
    ).toEqual(merged('SQUASH_MERGE'));
    expect(
      await run`codecommit merge-pull-request-by-three-way ${await opened('merged')} --author-name "Maria Garcia"
        --email "maria_garcia@example.com" --commit-message "Merging pull request 47 by three-way with default options"`,
    ).toEqual(merged('THREE_WAY_MERGE'));
    expect((await run`codecommit describe-pull-request-events ${its}`).pullRequestEvents).toEqual(
      expect.arrayContaining([
        {
          ...{ pullRequestId: '1', pullRequestEventType: 'PULL_REQUEST_CREATED', eventDate: DATE },
          actorArn: caller,
          pullRequestCreatedEventMetadata: {
            ...{ repositoryName: 'MyDemoRepo', sourceCommitId: change },
            ...{ destinationCommitId: main, mergeBase: main },
          },
        },
      ]),
    );
    const last = await commit('MyNewBranch', 'last.txt', 'last', change);
    const targets = 'repositoryName=MyDemoRepo,sourceReference=MyNewBranch';
    const again = await run`codecommit create-pull-request --title last --targets ${targets}`;
    const closing = again.pullRequest as { pullRequestId: string };
    expect(
      await run`codecommit update-pull-request-status --pull-request-id ${closing.pullRequestId} --pull-request-status CLOSED`,
    ).toMatchObject({
      pullRequest: { pullRequestStatus: 'CLOSED', pullRequestTargets: [{ sourceCommit: last }] },
    });
  });
});
