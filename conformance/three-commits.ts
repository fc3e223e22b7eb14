import { type Call, each, type Lists } from './three.ts';

/** Commits, each of which changes one file and adds one. */
export async function commits(call: Call): Promise<Lists> {
  await call('codecommit', 'CreateRepository', { repositoryName: 'r' });
  let commit: unknown;
  await each(async (n) => {
    const made = await call('codecommit', 'CreateCommit', {
      ...{ repositoryName: 'r', branchName: 'main' },
      ...(commit !== undefined && { parentCommitId: commit }),
      putFiles: [
        { filePath: 'same', fileContent: Buffer.from(n).toString('base64') },
        { filePath: n, fileContent: 'eA==' },
      ],
    });
    commit = made.commitId;
  });
  const repository = { repositoryName: 'r' };
  const blobs: unknown[] = [];
  // Lines that are far from one another are hunks of their own.
  for (const line of ['one', 'other']) {
    const text = `${line}\n${'same\n'.repeat(20)}`.repeat(3);
    const made = await call('codecommit', 'PutFile', {
      ...{ ...repository, branchName: 'main', parentCommitId: commit, filePath: 'text' },
      fileContent: Buffer.from(text).toString('base64'),
    });
    commit = made.commitId;
    blobs.push(made.blobId);
  }
  const reviews = await pullRequests(call, `${commit}`);
  return {
    ...reviews,
    GetDifferences: {
      input: { ...repository, afterCommitSpecifier: commit },
      items: 'differences',
    },
    ListFileCommitHistory: { input: { ...repository, filePath: 'same' }, items: 'revisionDag' },
    GetBlobDifferences: {
      input: { ...repository, beforeBlobId: blobs[0], afterBlobId: blobs[1] },
      items: 'hunks',
    },
  };
}

/** Pull requests, one of them with as many comments, and templates of rules, one of them with as many repositories. */
async function pullRequests(call: Call, commitId: string): Promise<Lists> {
  const [repository, first] = [{ repositoryName: 'r' }, { pullRequestId: '1' }];
  await call('codecommit', 'CreateBranch', { ...repository, branchName: 'topic', commitId });
  const file = { filePath: 'new', fileContent: 'eA==' };
  const branch = { branchName: 'topic', parentCommitId: commitId };
  const { commitId: afterCommitId } = await call('codecommit', 'PutFile', {
    ...{ ...repository, ...branch, ...file },
  });
  const compared = { ...repository, beforeCommitId: commitId, afterCommitId };
  const approvalRuleTemplateContent =
    '{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":1}]}';
  const targets = [{ ...repository, sourceReference: 'topic' }];
  await each((n) => call('codecommit', 'CreatePullRequest', { title: n, targets }));
  await each((n) =>
    call('codecommit', 'CreatePullRequestApprovalRule', {
      ...{ ...first, approvalRuleName: n, approvalRuleContent: approvalRuleTemplateContent },
    }),
  );
  await each(async (n) => {
    // Those at one place would be one item.
    const at = { ...compared, location: { filePath: n }, content: n };
    await call('codecommit', 'PostCommentForComparedCommit', at);
    await call('codecommit', 'PostCommentForPullRequest', { ...first, ...at });
    const named = { approvalRuleTemplateName: `t${n}` };
    const template = { ...named, approvalRuleTemplateContent };
    await call('codecommit', 'CreateApprovalRuleTemplate', template);
    await call('codecommit', 'AssociateApprovalRuleTemplateWithRepository', {
      ...{ ...named, ...repository },
    });
    await call('codecommit', 'CreateRepository', { repositoryName: `r${n}` });
    await call('codecommit', 'AssociateApprovalRuleTemplateWithRepository', {
      ...{ approvalRuleTemplateName: 't1', repositoryName: `r${n}` },
    });
  });
  return {
    ListPullRequests: { input: repository, items: 'pullRequestIds' },
    DescribePullRequestEvents: { input: first, items: 'pullRequestEvents' },
    GetCommentsForComparedCommit: { input: compared, items: 'commentsForComparedCommitData' },
    GetCommentsForPullRequest: { input: first, items: 'commentsForPullRequestData' },
    ListApprovalRuleTemplates: { input: {}, items: 'approvalRuleTemplateNames' },
    ListAssociatedApprovalRuleTemplatesForRepository: {
      ...{ input: repository, items: 'approvalRuleTemplateNames' },
    },
    ListRepositoriesForApprovalRuleTemplate: {
      ...{ input: { approvalRuleTemplateName: 't1' }, items: 'repositoryNames' },
    },
  };
}
