import { eventually } from './eventually.ts';
import { newPublicKey } from './rsa-keys.ts';
import type { TestServer } from './server.ts';
import { fleet } from './three-machines.ts';

/** How an operation lists them: its input beside the page, and where the items are. */
export type Lists = Record<string, { input: object; items: string; atLeast?: number }>;

/** Calls an operation and returns its output. @throws Error when it is refused */
export type Call = (
  api: string,
  operation: string,
  input: object,
) => Promise<Record<string, unknown>>;

type Where = Pick<TestServer, 'accountId' | 'region'>;

const TRUST =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["codebuild.amazonaws.com","codepipeline.amazonaws.com","logs.amazonaws.com","scheduler.amazonaws.com"]}}}';
const POLICY =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
const REPORT =
  '<testsuite name="s"><testcase name="a"/><testcase name="b"/><testcase name="c"/></testsuite>';
const COVERAGE = ['a', 'b', 'c'].map((file) => `SF:${file}\nDA:1,1\n`).join('');
const BUILDSPEC = JSON.stringify({
  version: 0.2,
  phases: { build: { commands: [`echo '${REPORT}' > r.xml; echo '${COVERAGE}' > lcov.info`] } },
  reports: {
    ...Object.fromEntries(['r1', 'r2', 'r3'].map((name) => [name, { files: ['r.xml'] }])),
    covered: { files: ['lcov.info'], 'file-format': 'LCOV' },
  },
});
const THREE = ['1', '2', '3'];

const TAGS = THREE.map((Key) => ({ Key, Value: 'v' }));

const each = async (work: (name: string) => Promise<unknown>) => {
  for (const name of THREE) await work(name);
};
const roleOf = ({ accountId }: Where) => `arn:aws:iam::${accountId}:role/r1`;

/** Makes three of everything, on a server without anything. @returns by operation name, how to list them */
export async function makeThreeOfEach(call: Call, where: Where): Promise<Lists> {
  return {
    ...(await identities(call, where)),
    ...(await stores(call, where)),
    ...(await commits(call)),
    ...(await reports(call, where)),
    ...(await executions(call, where)),
    ...(await notificationRules(call, where)),
    ...(await connections(call)),
    ...(await quotas(call)),
    ...(await rules(call, where)),
    ...(await queues(call, where)),
    ...(await alarms(call)),
    ...(await fleet(call)),
  };
}

async function attachments(call: Call, at: string): Promise<void> {
  await each(async (n) => {
    const PolicyArn = `arn:aws:iam::${at}:policy/p${n}`;
    const inline = { PolicyName: n, PolicyDocument: POLICY };
    await call('iam', 'AddUserToGroup', { UserName: 'u1', GroupName: `g${n}` });
    if (n !== '1') await call('iam', 'AddUserToGroup', { UserName: `u${n}`, GroupName: 'g1' });
    for (const [kind, Name] of [
      ['User', 'u1'],
      ['Group', 'g1'],
      ['Role', 'r1'],
    ]) {
      await call('iam', `Put${kind}Policy`, { [`${kind}Name`]: Name, ...inline });
      await call('iam', `Attach${kind}Policy`, { [`${kind}Name`]: Name, PolicyArn });
    }
    if (n !== '1') {
      await call('iam', 'AttachUserPolicy', {
        UserName: `u${n}`,
        PolicyArn: `arn:aws:iam::${at}:policy/p1`,
      });
      await call('iam', 'CreateAccessKey', { UserName: 'u1' });
      await call('iam', 'CreateServiceSpecificCredential', {
        UserName: 'u1',
        ServiceName: 'codecommit.amazonaws.com',
      });
      await call('iam', 'CreatePolicyVersion', {
        PolicyArn: `arn:aws:iam::${at}:policy/p1`,
        PolicyDocument: POLICY,
      });
    }
  });
}

/** The quota of keys and credentials of a user is two. */
async function identities(call: Call, where: Where): Promise<Lists> {
  const [user, group, ofRole] = [{ UserName: 'u1' }, { GroupName: 'g1' }, { RoleName: 'r1' }];
  await each(async (n) => {
    await call('iam', 'CreateUser', { UserName: `u${n}`, Tags: TAGS });
    await call('iam', 'CreateGroup', { GroupName: `g${n}` });
    await call('iam', 'CreateRole', {
      RoleName: `r${n}`,
      AssumeRolePolicyDocument: TRUST,
      Tags: TAGS,
    });
    await call('iam', 'CreatePolicy', { PolicyName: `p${n}`, PolicyDocument: POLICY, Tags: TAGS });
    await call('iam', 'UploadSSHPublicKey', { ...user, SSHPublicKeyBody: newPublicKey() });
  });
  await attachments(call, where.accountId);
  const PolicyArn = `arn:aws:iam::${where.accountId}:policy/p1`;
  return {
    GetGroup: { input: group, items: 'Users' },
    ListAccessKeys: { input: user, items: 'AccessKeyMetadata', atLeast: 2 },
    ListAttachedGroupPolicies: { input: group, items: 'AttachedPolicies' },
    ListAttachedRolePolicies: { input: ofRole, items: 'AttachedPolicies' },
    ListAttachedUserPolicies: { input: user, items: 'AttachedPolicies' },
    ListEntitiesForPolicy: { input: { PolicyArn, EntityFilter: 'User' }, items: 'PolicyUsers' },
    ListGroupPolicies: { input: group, items: 'PolicyNames' },
    ListGroups: { input: {}, items: 'Groups' },
    ListGroupsForUser: { input: user, items: 'Groups' },
    ListPolicies: { input: { Scope: 'Local' }, items: 'Policies' },
    ListPolicyTags: { input: { PolicyArn }, items: 'Tags' },
    ListPolicyVersions: { input: { PolicyArn }, items: 'Versions' },
    ListRolePolicies: { input: ofRole, items: 'PolicyNames' },
    ListRoleTags: { input: ofRole, items: 'Tags' },
    ListRoles: { input: {}, items: 'Roles' },
    ListSSHPublicKeys: { input: user, items: 'SSHPublicKeys' },
    ListServiceSpecificCredentials: {
      input: user,
      items: 'ServiceSpecificCredentials',
      atLeast: 2,
    },
    ListUserPolicies: { input: user, items: 'PolicyNames' },
    ListUserTags: { input: user, items: 'Tags' },
    ListUsers: { input: {}, items: 'Users' },
    SimulateCustomPolicy: {
      input: { PolicyInputList: [POLICY], ActionNames: ['s3:GetObject', 's3:PutObject', 'sts:*'] },
      items: 'EvaluationResults',
    },
    SimulatePrincipalPolicy: {
      input: {
        PolicySourceArn: roleOf(where),
        ActionNames: ['s3:GetObject', 's3:PutObject', 'sts:*'],
      },
      items: 'EvaluationResults',
    },
  };
}

async function alarms(call: Call): Promise<Lists> {
  await each(async (n) => {
    await call('monitoring', 'PutMetricAlarm', {
      ...{ AlarmName: n, Namespace: 'N', MetricName: 'M', Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
    });
    const Schedule = { Expression: 'cron(0 2 * * *)', Duration: 'PT4H' };
    await call('monitoring', 'PutAlarmMuteRule', { Name: n, Rule: { Schedule } });
  });
  return {
    DescribeAlarms: { input: {}, items: 'MetricAlarms' },
    DescribeAlarmHistory: { input: {}, items: 'AlarmHistoryItems' },
    ListAlarmMuteRules: { input: {}, items: 'AlarmMuteRuleSummaries' },
  };
}

/** A policy that lets in a service which is not there. */
const ROUTE53 = JSON.stringify({
  Statement: {
    Effect: 'Allow',
    Principal: { Service: 'route53.amazonaws.com' },
    Action: 'logs:PutLogEvents',
    Resource: '*',
  },
});

/** Keys, objects, parameters, secrets and logs. */
async function stores(call: Call, where: Where): Promise<Lists> {
  const grantee = roleOf(where);
  const keyTags = TAGS.map(({ Key }) => ({ TagKey: Key, TagValue: 'v' }));
  let KeyId = '';
  await each(async (n) => {
    const { KeyMetadata } = await call('kms', 'CreateKey', { Tags: keyTags });
    KeyId = (KeyMetadata as { KeyId: string }).KeyId;
    await call('kms', 'CreateAlias', { AliasName: `alias/${n}`, TargetKeyId: KeyId });
    await call('s3', 'CreateBucket', { Bucket: `bucket-${n}` });
    await call('s3', 'PutObject', { Bucket: 'bucket-1', Key: n, Body: 'x' });
    await call('ssm', 'PutParameter', { Name: `/p/${n}`, Value: 'v', Type: 'String' });
    await call('ssm', 'PutParameter', { Name: '/h', Value: n, Type: 'String', Overwrite: true });
    await call('secretsmanager', 'CreateSecret', { Name: `s${n}`, SecretString: 's' });
    await call('secretsmanager', 'PutSecretValue', { SecretId: 's1', SecretString: n });
    await call('logs', 'CreateLogGroup', { logGroupName: `g${n}` });
    await call('logs', 'CreateLogStream', { logGroupName: 'g1', logStreamName: n });
    await call('logs', 'PutResourcePolicy', { policyName: n, policyDocument: ROUTE53 });
    await call('logs', 'PutMetricFilter', {
      ...{ logGroupName: 'g1', filterName: n, filterPattern: 'x' },
      metricTransformations: [{ metricName: 'm', metricNamespace: 'n', metricValue: '1' }],
    });
    await call('logs', 'PutDestination', {
      ...{ destinationName: n, roleArn: grantee },
      targetArn: `arn:aws:kinesis:${where.region}:${where.accountId}:stream/${n}`,
    });
    await call('logs', 'PutQueryDefinition', { name: n, queryString: 'fields @message' });
    await call('logs', 'StartQuery', {
      ...{ logGroupName: 'g1', queryString: 'fields @message' },
      ...{ startTime: 0, endTime: 1 },
    });
  });
  await each((n) =>
    call('kms', 'CreateGrant', {
      ...{ KeyId, Name: n, Operations: ['Decrypt'], RetiringPrincipal: grantee },
      GranteePrincipal: grantee,
    }),
  );
  const upload = async (Key: string) =>
    (await call('s3', 'CreateMultipartUpload', { Bucket: 'bucket-1', Key })).UploadId;
  const UploadId = await upload('a');
  await Promise.all([upload('b'), upload('c')]);
  await each((n) =>
    call('s3', 'UploadPart', {
      ...{ Bucket: 'bucket-1', Key: 'a', UploadId, Body: 'x' },
      PartNumber: Number(n),
    }),
  );
  await call('logs', 'PutLogEvents', {
    ...{ logGroupName: 'g1', logStreamName: '1' },
    logEvents: THREE.map((message) => ({ message, timestamp: Date.now() })),
  });
  const Bucket = 'bucket-1';
  return {
    ListAliases: { input: {}, items: 'Aliases' },
    ListKeys: { input: {}, items: 'Keys' },
    ListGrants: { input: { KeyId }, items: 'Grants' },
    ListRetirableGrants: { input: { RetiringPrincipal: grantee }, items: 'Grants' },
    ListResourceTags: { input: { KeyId }, items: 'Tags' },
    ListBuckets: { input: {}, items: 'Buckets' },
    ListMultipartUploads: { input: { Bucket }, items: 'Uploads' },
    ListObjectVersions: { input: { Bucket }, items: 'Versions' },
    // It names the place to go on from when there is a delimiter.
    ListObjects: { input: { Bucket, Delimiter: '/' }, items: 'Contents' },
    ListObjectsV2: { input: { Bucket }, items: 'Contents' },
    ListParts: { input: { Bucket, Key: 'a', UploadId }, items: 'Parts' },
    DescribeResourcePolicies: { input: {}, items: 'resourcePolicies' },
    DescribeParameters: { input: {}, items: 'Parameters' },
    GetParameterHistory: { input: { Name: '/h' }, items: 'Parameters' },
    GetParametersByPath: { input: { Path: '/p' }, items: 'Parameters' },
    BatchGetSecretValue: {
      input: { Filters: [{ Key: 'name', Values: ['s'] }] },
      items: 'SecretValues',
    },
    ListSecretVersionIds: {
      input: { SecretId: 's1', IncludeDeprecated: true },
      items: 'Versions',
    },
    ListSecrets: { input: {}, items: 'SecretList' },
    DescribeLogGroups: { input: {}, items: 'logGroups' },
    ListLogGroups: { input: {}, items: 'logGroups' },
    DescribeDestinations: { input: {}, items: 'destinations' },
    DescribeMetricFilters: { input: { logGroupName: 'g1' }, items: 'metricFilters' },
    DescribeQueries: { input: {}, items: 'queries' },
    DescribeQueryDefinitions: { input: {}, items: 'queryDefinitions' },
    DescribeLogStreams: { input: { logGroupName: 'g1' }, items: 'logStreams' },
    FilterLogEvents: { input: { logGroupName: 'g1' }, items: 'events' },
    GetLogEvents: {
      input: { logGroupName: 'g1', logStreamName: '1', startFromHead: true },
      items: 'events',
    },
  };
}

/** Commits, each of which changes one file and adds one. */
async function commits(call: Call): Promise<Lists> {
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

/** Three fleets, three sandboxes, one of them with three sessions, three builds with three reports of three test cases, and three batches that end at once: their buildspec has none. */
async function reports(call: Call, where: Where): Promise<Lists> {
  await call('codebuild', 'CreateProject', {
    name: 'project',
    source: { type: 'NO_SOURCE', buildspec: BUILDSPEC },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'i', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: roleOf(where),
    buildBatchConfig: { serviceRole: roleOf(where) },
  });
  await each(() => call('codebuild', 'StartBuild', { projectName: 'project' }));
  await each(() => call('codebuild', 'StartBuildBatch', { projectName: 'project' }));
  const sandboxes: string[] = [];
  await each(async () => {
    const { sandbox } = await call('codebuild', 'StartSandbox', { projectName: 'project' });
    sandboxes.push((sandbox as { id: string }).id);
  });
  const [sandboxId] = sandboxes;
  await eventually('a sandbox that takes commands', async () => {
    const asked = await call('codebuild', 'BatchGetSandboxes', { ids: [sandboxId] });
    const [found] = asked.sandboxes as { status?: string }[];
    return found?.status === 'RUN_SANDBOX';
  });
  await each(() => call('codebuild', 'StartCommandExecution', { sandboxId, command: 'true' }));
  const Target = `codebuild:${sandboxId?.split(':')[1]}`;
  await each(() => call('ssm', 'StartSession', { Target }));
  await each((n) =>
    call('codebuild', 'CreateFleet', {
      ...{ name: `fleet-${n}`, baseCapacity: 1, environmentType: 'LINUX_CONTAINER' },
      computeType: 'BUILD_GENERAL1_SMALL',
    }),
  );
  const made = await eventually('the reports of three builds', async () => {
    const found = (await call('codebuild', 'ListReports', {})).reports as string[];
    return found.length === 12 && found;
  });
  const isCovered = (arn: string) => arn.includes('-covered:');
  const reportArn = made.find((arn) => !isCovered(arn)) ?? '';
  return {
    ListBuildBatches: { input: {}, items: 'ids' },
    ListFleets: { input: {}, items: 'fleets' },
    DescribeSessions: { input: { State: 'Active' }, items: 'Sessions' },
    ListSandboxes: { input: {}, items: 'ids' },
    ListSandboxesForProject: { input: { projectName: 'project' }, items: 'ids' },
    ListCommandExecutionsForSandbox: { input: { sandboxId }, items: 'commandExecutions' },
    ListBuildBatchesForProject: { input: { projectName: 'project' }, items: 'ids' },
    DescribeCodeCoverages: {
      input: { reportArn: made.find(isCovered) },
      items: 'codeCoverages',
    },
    DescribeTestCases: { input: { reportArn }, items: 'testCases' },
    ListReportGroups: { input: {}, items: 'reportGroups' },
    ListReports: { input: {}, items: 'reports' },
    ListReportsForReportGroup: {
      input: { reportGroupArn: reportArn.replace(/:report\/([^:]+):.*$/, ':report-group/$1') },
      items: 'reports',
    },
  };
}

/** Three pipelines, and three executions of one. */
async function executions(call: Call, where: Where): Promise<Lists> {
  const roleArn = roleOf(where);
  const action = (category: string, provider: string, more = {}) => ({
    name: provider,
    actionTypeId: { category, owner: 'AWS', provider, version: '1' },
    ...more,
  });
  const source = {
    configuration: { S3Bucket: 'bucket-1', S3ObjectKey: '1' },
    outputArtifacts: [{ name: 'Code' }],
  };
  const rule = (name: string) => ({
    name,
    ruleTypeId: { category: 'Rule', provider: 'VariableCheck' },
    configuration: { Variable: 'a', Value: 'a', Operator: 'EQ' },
  });
  await each((n) =>
    call('codepipeline', 'CreatePipeline', {
      pipeline: {
        name: `p${n}`,
        roleArn,
        artifactStore: { type: 'S3', location: 'bucket-1' },
        stages: [
          {
            name: 'Source',
            actions: [action('Source', 'S3', source)],
            beforeEntry: { conditions: [{ rules: ['1', '2', '3'].map(rule) }] },
          },
          { name: 'Release', actions: [action('Approval', 'Manual')] },
        ],
      },
      tags: TAGS.map(({ Key }) => ({ key: Key, value: 'v' })),
    }),
  );
  await each(() => call('codepipeline', 'StartPipelineExecution', { name: 'p1' }));
  await eventually('the actions of three executions', async () => {
    const found = await call('codepipeline', 'ListActionExecutions', { pipelineName: 'p1' });
    return (found.actionExecutionDetails as unknown[]).length >= 3;
  });
  await each((n) =>
    call('codepipeline', 'PutWebhook', {
      webhook: {
        ...{ name: `w${n}`, targetPipeline: 'p1', targetAction: 'S3', filters: [] },
        ...{ authentication: 'UNAUTHENTICATED', authenticationConfiguration: {} },
      },
    }),
  );
  return {
    ListWebhooks: { input: {}, items: 'webhooks' },
    ListActionExecutions: { input: { pipelineName: 'p1' }, items: 'actionExecutionDetails' },
    ListRuleExecutions: { input: { pipelineName: 'p1' }, items: 'ruleExecutionDetails' },
    ListPipelineExecutions: {
      input: { pipelineName: 'p1' },
      items: 'pipelineExecutionSummaries',
    },
    ListPipelines: { input: {}, items: 'pipelines' },
    ListTagsForResource: {
      input: { resourceArn: `arn:aws:codepipeline:${where.region}:${where.accountId}:p1` },
      items: 'tags',
    },
  };
}

/** Three rules with three targets, and three of what EventBridge has beside them. */
async function rules(call: Call, { accountId, region }: Where): Promise<Lists> {
  const arnOf = (resource: string) => `arn:aws:events:${region}:${accountId}:${resource}`;
  const [bus, archive] = [arnOf('event-bus/default'), arnOf('archive/1')];
  const queue = (n: string) => `arn:aws:sqs:${region}:${accountId}:q${n}`;
  let ConnectionArn: unknown;
  await each(async (n) => {
    if (n !== '1') await call('events', 'CreateEventBus', { Name: n });
    await call('events', 'PutRule', { Name: n, EventPattern: '{"source":["a"]}' });
    const Targets = THREE.map((Id) => ({ Id, Arn: queue(Id) }));
    await call('events', 'PutTargets', { Rule: n, Targets });
    await call('events', 'CreateArchive', { ArchiveName: n, EventSourceArn: bus });
    await call('events', 'StartReplay', {
      ...{ ReplayName: n, EventSourceArn: archive, Destination: { Arn: bus } },
      ...{ EventStartTime: 1, EventEndTime: 2 },
    });
    ({ ConnectionArn } = await call('events', 'CreateConnection', {
      ...{ Name: n, AuthorizationType: 'API_KEY' },
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'k', ApiKeyValue: 'v' } },
    }));
    await call('scheduler', 'CreateSchedule', {
      ...{ Name: n, ScheduleExpression: 'rate(1 day)', FlexibleTimeWindow: { Mode: 'OFF' } },
      Target: { Arn: queue(n), RoleArn: `arn:aws:iam::${accountId}:role/r1` },
    });
    if (n !== '1') await call('scheduler', 'CreateScheduleGroup', { Name: n });
    await call('events', 'CreateApiDestination', {
      ...{ Name: n, ConnectionArn, InvocationEndpoint: 'https://a.invalid/', HttpMethod: 'POST' },
    });
  });
  return {
    ListApiDestinations: { input: {}, items: 'ApiDestinations' },
    ListArchives: { input: {}, items: 'Archives' },
    ListConnections: { input: {}, items: 'Connections' },
    ListEventBuses: { input: {}, items: 'EventBuses' },
    ListReplays: { input: {}, items: 'Replays' },
    ListRuleNamesByTarget: { input: { TargetArn: queue('1') }, items: 'RuleNames' },
    ListRules: { input: {}, items: 'Rules' },
    ListScheduleGroups: { input: {}, items: 'ScheduleGroups' },
    ListSchedules: { input: {}, items: 'Schedules' },
    ListTargetsByRule: { input: { Rule: '1' }, items: 'Targets' },
  };
}

async function connections(call: Call): Promise<Lists> {
  const api = 'codestar-connections';
  const [ProviderType, ProviderEndpoint] = ['GitHubEnterpriseServer', 'https://one.invalid'];
  await each(async (n) => {
    await call(api, 'CreateHost', { Name: n, ProviderType, ProviderEndpoint });
    const its = { ProviderType: 'GitHub', ConnectionName: n };
    const { ConnectionArn } = await call(api, 'CreateConnection', its);
    await call(api, 'UpdateConnectionInstallation', { ConnectionArn });
    const linked = { ConnectionArn, OwnerId: 'me', RepositoryName: n };
    await call(api, 'CreateRepositoryLink', linked);
  });
  return {
    // ListConnections is EventBridge's too, and lists them by the same name.
    ListHosts: { input: {}, items: 'Hosts' },
    ListRepositoryLinks: { input: {}, items: 'RepositoryLinks' },
  };
}

/** Three notification rules, each with a target of its own. */
async function notificationRules(call: Call, { accountId, region }: Where): Promise<Lists> {
  await each((n) =>
    call('codestar-notifications', 'CreateNotificationRule', {
      ...{ Name: n, DetailType: 'BASIC', EventTypeIds: [] },
      Resource: `arn:aws:codepipeline:${region}:${accountId}:p1`,
      Targets: [{ TargetType: 'SNS', TargetAddress: `arn:aws:sns:${region}:${accountId}:t${n}` }],
    }),
  );
  return {
    ListNotificationRules: { input: {}, items: 'NotificationRules' },
    ListTargets: { input: {}, items: 'Targets' },
    ListEventTypes: {
      input: { Filters: [{ Name: 'SERVICE_NAME', Value: 'CodeDeploy' }] },
      items: 'EventTypes',
    },
  };
}

/** Three requests for more of a quota. */
async function quotas(call: Call): Promise<Lists> {
  const [ServiceCode, QuotaCode] = ['codebuild', 'L-ACCF6C0D'];
  await each((n) =>
    call('servicequotas', 'RequestServiceQuotaIncrease', {
      ...{ ServiceCode, QuotaCode },
      DesiredValue: 5000 + Number(n),
    }),
  );
  const made = { AttributeKey: 'EventName', AttributeValue: 'RequestServiceQuotaIncrease' };
  return {
    // What has been done here is what CloudTrail lists.
    LookupEvents: { input: { LookupAttributes: [made] }, items: 'Events' },
    ListAWSDefaultServiceQuotas: { input: { ServiceCode }, items: 'Quotas' },
    ListRequestedServiceQuotaChangeHistory: { input: {}, items: 'RequestedQuotas' },
    ListRequestedServiceQuotaChangeHistoryByQuota: {
      input: { ServiceCode, QuotaCode },
      items: 'RequestedQuotas',
    },
    ListServiceQuotas: { input: { ServiceCode }, items: 'Quotas' },
    ListServices: { input: {}, items: 'Services' },
  };
}

/** Three queues whose dead letters go to a fourth. */
async function queues(call: Call, { accountId, region }: Where): Promise<Lists> {
  const { QueueUrl } = await call('sqs', 'CreateQueue', { QueueName: 'dead' });
  const deadLetterTargetArn = `arn:aws:sqs:${region}:${accountId}:dead`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  await each((n) =>
    call('sqs', 'CreateQueue', { QueueName: `q${n}`, Attributes: { RedrivePolicy } }),
  );
  return {
    ListQueues: { input: { QueueNamePrefix: 'q' }, items: 'QueueUrls' },
    ListDeadLetterSourceQueues: { input: { QueueUrl }, items: 'queueUrls' },
  };
}
