import { BUILT, type Credentials, callAny, type Endpoint } from './any-call.ts';

// One resource of each kind, for sweeps over all operations.

const NAME = 'known';
const ROLE = `arn:aws:iam::000000000000:role/${NAME}`;
const ALIAS = 'alias/known';
const BUCKET = 'known-bucket';
const REPOSITORY = 'arn:aws:codecommit:us-east-1:000000000000:known';
const EVENT_TYPE = 'codecommit-repository-branches-and-tags-created';
const BUILDSPEC = 'version: 0.2\nphases: {build: {commands: ["true"]}}';
const POLICY =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
const BUS = `arn:aws:events:us-east-1:000000000000:event-bus/${NAME}`;
const RULE = `arn:aws:events:us-east-1:000000000000:rule/${NAME}`;
const QUEUE = `arn:aws:sqs:us-east-1:000000000000:${NAME}`;
const SCHEDULE = {
  ScheduleExpression: 'rate(1 hour)',
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: { Arn: QUEUE, RoleArn: ROLE },
};
const EVENT_PATTERN = `{"source":["${NAME}"]}`;
const TRUST =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["codebuild.amazonaws.com","codedeploy.amazonaws.com","codepipeline.amazonaws.com","events.amazonaws.com","logs.amazonaws.com","scheduler.amazonaws.com"]}}}';

const actionOf = (name: string, category: string, provider: string, more = {}) => ({
  name,
  actionTypeId: { category, owner: 'AWS', provider, version: '1' },
  ...more,
});
const PIPELINE = {
  name: NAME,
  roleArn: ROLE,
  artifactStore: { type: 'S3', location: BUCKET },
  stages: [
    {
      name: 'Source',
      actions: [
        actionOf('Fetch', 'Source', 'S3', {
          configuration: { S3Bucket: BUCKET, S3ObjectKey: NAME },
          outputArtifacts: [{ name: 'Code' }],
        }),
      ],
    },
    { name: 'Release', actions: [actionOf('Approve', 'Approval', 'Manual')] },
  ],
};

/** What is read of answers. */
interface Made {
  KeyMetadata: { KeyId: string };
  commitId: string;
  pullRequest: { pullRequestId: string; revisionId: string };
  comment: { commentId: string };
  CiphertextBlob: string;
  deploymentId: string;
  project: { arn: string };
  build: { id: string };
  fleet: { arn: string };
  pipelineExecutionId: string;
  jobs: { id: string; nonce: string }[];
  ConnectionArn: string;
  HostArn: string;
  RepositoryLinkInfo: { RepositoryLinkId: string };
  TopicArn: string;
  SubscriptionArn: string;
  Arn: string;
  QueueUrl: string;
  TaskHandle: string;
  Messages: { ReceiptHandle: string }[];
  Subnets: { SubnetId: string; VpcId: string }[];
  LoadBalancers: { LoadBalancerArn: string }[];
  TargetGroups: { TargetGroupArn: string }[];
  Listeners: { ListenerArn: string }[];
  Rules: { RuleArn: string }[];
}

/** A load balancer that answers by itself, with a rule, and a group with a target. */
async function makeBalancer(
  make: (api: string, operation: string, input: object) => Promise<Made>,
): Promise<Record<string, string>> {
  const elb = (operation: string, input: object) => make('elbv2', operation, input);
  const { Subnets: network } = await make('ec2', 'DescribeSubnets', {});
  const Subnets = network.slice(0, 2).map(({ SubnetId }) => SubnetId);
  const [{ VpcId = '' } = {}] = network;
  const { LoadBalancers } = await elb('CreateLoadBalancer', { Name: NAME, Subnets });
  const [{ LoadBalancerArn = '' } = {}] = LoadBalancers;
  await make('elb', 'CreateLoadBalancer', {
    ...{ LoadBalancerName: NAME, AvailabilityZones: ['us-east-1a'] },
    Listeners: [{ Protocol: 'HTTP', LoadBalancerPort: 18_081, InstancePort: 9 }],
  });
  const { TargetGroups } = await elb('CreateTargetGroup', {
    ...{ Name: NAME, Protocol: 'HTTP', Port: 9, VpcId, TargetType: 'ip' },
  });
  const [{ TargetGroupArn = '' } = {}] = TargetGroups;
  await elb('RegisterTargets', { TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: 9 }] });
  const Type = 'fixed-response';
  const actions = [{ Type, FixedResponseConfig: { StatusCode: '200' } }];
  const { Listeners } = await elb('CreateListener', {
    ...{ LoadBalancerArn, Protocol: 'HTTP', Port: 18_080, DefaultActions: actions },
  });
  const [{ ListenerArn = '' } = {}] = Listeners;
  const { Rules } = await elb('CreateRule', {
    ...{ ListenerArn, Priority: 7, Actions: actions },
    Conditions: [{ Field: 'path-pattern', Values: ['/known'] }],
  });
  const [{ RuleArn = '' } = {}] = Rules;
  return {
    ...named(LoadBalancerArn, 'loadbalancerarn', 'loadbalancerarns', 'resourcearns'),
    ...named(TargetGroupArn, 'targetgrouparn', 'targetgrouparns'),
    ...{ listenerarn: ListenerArn, listenerarns: ListenerArn, rulearn: RuleArn, rulearns: RuleArn },
    'elasticloadbalancing.id': '127.0.0.1',
    ...named(NAME, 'loadbalancername', 'loadbalancernames'),
  };
}

/** A rule with a target, an archive that is replayed, and a connection to somebody else's API. */
async function makeEvents(
  make: (api: string, operation: string, input: object) => Promise<Made>,
): Promise<Made> {
  await make('events', 'CreateEventBus', { Name: NAME });
  const EventBusName = NAME;
  await make('events', 'PutRule', { Name: NAME, EventPattern: EVENT_PATTERN });
  await make('events', 'PutRule', { Name: NAME, EventBusName, EventPattern: EVENT_PATTERN });
  const Targets = [{ Id: NAME, Arn: BUS, RoleArn: ROLE }];
  await make('events', 'PutTargets', { Rule: NAME, Targets });
  await make('events', 'CreateArchive', { ArchiveName: NAME, EventSourceArn: BUS });
  await make('events', 'StartReplay', {
    ...{ ReplayName: NAME, EventSourceArn: BUS.replace('event-bus', 'archive') },
    ...{ EventStartTime: 1, EventEndTime: 2, Destination: { Arn: BUS } },
  });
  const key = { ApiKeyName: NAME, ApiKeyValue: NAME };
  const connection = await make('events', 'CreateConnection', {
    ...{ Name: NAME, AuthorizationType: 'API_KEY' },
    AuthParameters: { ApiKeyAuthParameters: key },
  });
  await make('events', 'CreateApiDestination', {
    ...{ Name: NAME, ConnectionArn: connection.ConnectionArn },
    ...{ InvocationEndpoint: 'https://known.invalid/', HttpMethod: 'POST' },
  });
  return connection;
}

/** A template of approval rules, and an open pull request with a rule and a comment. */
async function makeReviews(
  make: (api: string, operation: string, input: object) => Promise<Made>,
  commitId: string,
): Promise<Record<string, string>> {
  const repository = { repositoryName: NAME };
  const content =
    '{"Version":"2018-11-08","Statements":[{"Type":"Approvers","NumberOfApprovalsNeeded":1}]}';
  await make('codecommit', 'CreateApprovalRuleTemplate', {
    ...{ approvalRuleTemplateName: NAME, approvalRuleTemplateContent: content },
  });
  await make('codecommit', 'CreateBranch', { ...repository, branchName: NAME, commitId });
  const { commitId: next } = await make('codecommit', 'PutFile', {
    ...{ ...repository, branchName: NAME, parentCommitId: commitId },
    ...{ filePath: 'other', fileContent: 'eA==' },
  });
  const { pullRequest } = await make('codecommit', 'CreatePullRequest', {
    ...{ title: NAME, targets: [{ ...repository, sourceReference: NAME }] },
  });
  const { pullRequestId, revisionId } = pullRequest;
  await make('codecommit', 'CreatePullRequestApprovalRule', {
    ...{ pullRequestId, approvalRuleName: NAME, approvalRuleContent: content },
  });
  const { comment } = await make('codecommit', 'PostCommentForPullRequest', {
    ...{ pullRequestId, ...repository, content: NAME },
    ...{ beforeCommitId: commitId, afterCommitId: next },
  });
  return {
    ...{ pullrequestid: pullRequestId, 'codecommit.revisionid': revisionId },
    ...named(comment.commentId, 'commentid', 'inreplyto'),
    ...named(content, 'approvalrulecontent', 'approvalruletemplatecontent', 'newrulecontent'),
    ...named(NAME, 'approvalrulename', 'approvalruletemplatename', 'sourcereference'),
    ...named(NAME, 'oldapprovalruletemplatename', 'newapprovalruletemplatename'),
    ...{ reactionvalue: ':ship:', approvalstate: 'APPROVE', overridestatus: 'OVERRIDE' },
    ...{ pullrequeststatus: 'OPEN', 'codecommit.aftercommitid': next },
  };
}

/** A host, a connection that is complete, and a link of a repository, by both names of the service. */
async function makeConnections(
  make: (api: string, operation: string, input: object) => Promise<Made>,
): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const api of ['codeconnections', 'codestar-connections']) {
    const ProviderType = 'GitHubEnterpriseServer';
    const host = { Name: NAME, ProviderType, ProviderEndpoint: 'https://known.invalid' };
    const { HostArn } = await make(api, 'CreateHost', host);
    const its = { ProviderType: 'GitHub', ConnectionName: NAME };
    const { ConnectionArn } = await make(api, 'CreateConnection', its);
    const installation = { ConnectionArn, Url: 'https://known.invalid' };
    await make('codestar-connections', 'UpdateConnectionInstallation', installation);
    const linked = { ConnectionArn, OwnerId: NAME, RepositoryName: api };
    const { RepositoryLinkInfo } = await make(api, 'CreateRepositoryLink', linked);
    const named = {
      ...{ hostarn: HostArn, connectionarn: ConnectionArn, resourcearn: ConnectionArn },
      repositorylinkid: RepositoryLinkInfo.RepositoryLinkId,
      fullrepositoryid: `${NAME}/${NAME}`,
    };
    for (const [name, value] of Object.entries(named)) all[`${api}.${name}`] = value;
  }
  return all;
}

/** One of each resource, so that calls get past the names. @returns what they are called, by member name */
export async function makeKnown(
  server: Endpoint,
  as: Credentials,
): Promise<Record<string, string>> {
  const make = async (api: string, operation: string, input: object): Promise<Made> => {
    // Two APIs that have one name are told by their services.
    const found = BUILT.find((one) => one.service === api || one.api.name === api)?.api;
    if (!found) throw new Error(`There is no ${api}`);
    const { status, output, code, message } = await callAny(server, as, found, operation, input);
    if (status !== 200) throw new Error(`${api}:${operation}: ${code} ${message}`);
    return output as unknown as Made;
  };
  await make('iam', 'CreateRole', { RoleName: NAME, AssumeRolePolicyDocument: TRUST });
  await make('iam', 'CreateUser', { UserName: NAME, Path: '/somewhere/' });
  await make('iam', 'CreateGroup', { GroupName: NAME, Path: '/somewhere/' });
  await make('iam', 'CreatePolicy', { PolicyName: NAME, PolicyDocument: POLICY });
  await make('s3', 'CreateBucket', { Bucket: BUCKET });
  await make('s3', 'PutObject', { Bucket: BUCKET, Key: NAME, Body: 'x' });
  const { KeyMetadata } = await make('kms', 'CreateKey', {});
  const { KeyId } = KeyMetadata;
  await make('kms', 'CreateAlias', { AliasName: ALIAS, TargetKeyId: KeyId });
  const { CiphertextBlob } = await make('kms', 'Encrypt', { KeyId, Plaintext: 'eA==' });
  await make('ssm', 'PutParameter', { Name: NAME, Value: 'v', Type: 'String' });
  await make('secretsmanager', 'CreateSecret', { Name: NAME, SecretString: '{}' });
  await make('logs', 'CreateLogGroup', { logGroupName: NAME });
  await make('logs', 'CreateLogStream', { logGroupName: NAME, logStreamName: NAME });
  await make('monitoring', 'PutDashboard', {
    DashboardName: NAME,
    DashboardBody: '{"widgets":[]}',
  });
  await make('monitoring', 'PutMetricAlarm', {
    ...{ AlarmName: NAME, Namespace: NAME, MetricName: NAME, Statistic: 'Sum', Period: 60 },
    ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
  });
  await make('monitoring', 'PutAlarmMuteRule', {
    Name: NAME,
    Rule: { Schedule: { Expression: 'cron(0 2 * * *)', Duration: 'PT4H' } },
  });
  await make('codecommit', 'CreateRepository', { repositoryName: NAME });
  const file = { filePath: NAME, fileContent: 'eA==' };
  const { commitId } = await make('codecommit', 'PutFile', {
    repositoryName: NAME,
    branchName: 'main',
    ...file,
  });
  const reviews = await makeReviews(make, commitId);
  await make('codedeploy', 'CreateApplication', { applicationName: NAME });
  await make('codedeploy', 'CreateDeploymentGroup', {
    applicationName: NAME,
    deploymentGroupName: NAME,
    serviceRoleArn: ROLE,
  });
  const { deploymentId } = await make('codedeploy', 'CreateDeployment', {
    applicationName: NAME,
    deploymentGroupName: NAME,
    revision: { revisionType: 'S3', s3Location: { bucket: BUCKET, key: NAME, bundleType: 'zip' } },
  });
  const { project } = await make('codebuild', 'CreateProject', {
    name: NAME,
    source: { type: 'NO_SOURCE', buildspec: BUILDSPEC },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: NAME, computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: ROLE,
    buildBatchConfig: { serviceRole: ROLE },
  });
  const { build } = await make('codebuild', 'StartBuild', { projectName: NAME });
  const { fleet } = await make('codebuild', 'CreateFleet', {
    ...{ name: NAME, baseCapacity: 1, environmentType: 'LINUX_CONTAINER' },
    computeType: 'BUILD_GENERAL1_SMALL',
  });
  await make('codepipeline', 'CreatePipeline', { pipeline: PIPELINE });
  const { pipelineExecutionId } = await make('codepipeline', 'StartPipelineExecution', {
    name: NAME,
  });
  const job = await makeJob(make);
  const { ConnectionArn } = await makeEvents(make);
  await make('scheduler', 'CreateScheduleGroup', { Name: NAME });
  await make('scheduler', 'CreateSchedule', { Name: NAME, ...SCHEDULE });
  const { TopicArn } = await make('sns', 'CreateTopic', { Name: NAME });
  const { SubscriptionArn } = await make('sns', 'Subscribe', {
    ...{ TopicArn, Protocol: 'email', Endpoint: 'known@example.com' },
    ReturnSubscriptionArn: true,
  });
  const { Arn: rule } = await make('codestar-notifications', 'CreateNotificationRule', {
    ...{ Name: NAME, Resource: REPOSITORY, DetailType: 'FULL', EventTypeIds: [EVENT_TYPE] },
    Targets: [{ TargetType: 'SNS', TargetAddress: TopicArn }],
  });
  return {
    ...reviews,
    ...(await makeConnections(make)),
    ...(await makeBalancer(make)),
    ...{ 'codestar-notifications.arn': rule, resource: REPOSITORY },
    ...named(EVENT_TYPE, 'eventtypeid', 'eventtypeids'),
    ...{ targettype: 'SNS', targetaddress: TopicArn },
    ...named(NAME, 'rule', 'archivename', 'replayname', 'eventbusname'),
    ...named(EVENT_PATTERN, 'eventpattern'),
    connectionarn: ConnectionArn,
    eventsourcearn: BUS,
    'events.resourcearn': RULE,
    'scheduler.resourcearn': BUS.replace('events', 'scheduler').replace(
      'event-bus',
      'schedule-group',
    ),
    'scheduler.arn': QUEUE,
    scheduleexpression: SCHEDULE.ScheduleExpression,
    ...named(NAME, 'events.id', 'events.ids'),
    ...named(TopicArn, 'topicarn', 'targetarn', 'sns.resourcearn'),
    subscriptionarn: SubscriptionArn,
    ...(await makeQueue(make, server)),
    ...named(NAME, 'name', 'names', 'rolename', 'username', 'key', 'projectname', 'repositoryname'),
    ...named(NAME, 'loggroupname', 'logstreamname', 'applicationname', 'deploymentgroupname'),
    ...named(NAME, 'currentdeploymentgroupname', 'secretid', 'filepath', 'pipelinename', 'image'),
    ...named(ROLE, 'rolearn', 'servicerole', 'servicerolearn'),
    ...named(commitId, 'commitid', 'parentcommitid', 'commitspecifier', 'aftercommitspecifier'),
    ...named(BUCKET, 'bucket', 'location'),
    ...named(build.id, 'id', 'ids'),
    fleetarn: fleet.arn,
    ...named(POLICY, 'policydocument', 'policy'),
    ...named(project.arn, 'resourcearn', 'projectarn', 'arn'),
    ...named(NAME, 'alarmname', 'alarmnames', 'dashboardname', 'dashboardnames'),
    ...named(NAME, 'alarmmuterulename'),
    ...{ 'codepipeline.jobid': job.id, 'codepipeline.nonce': job.nonce },
    ...named(NAME, 'targetpipeline', 'webhookname'),
    ...{ targetaction: 'Fetch', jsonpath: '$.ref', authentication: 'UNAUTHENTICATED' },
    actionname: 'Approve',
    assumerolepolicydocument: TRUST,
    branchname: 'main',
    ...named('main', 'destinationcommitspecifier', 'sourcecommitspecifier', 'targetbranch'),
    buildspec: BUILDSPEC,
    copysource: `${BUCKET}/${NAME}`,
    ...named(KeyId, 'keyid', 'targetkeyid', 'destinationkeyid'),
    ...{ aliasname: ALIAS, ciphertextblob: CiphertextBlob },
    groupname: NAME,
    policyarn: ROLE.replace('role', 'policy'),
    ...named(deploymentId, 'deploymentid', 'deploymentids'),
    ...named(NAME, 'instancename', 'instancenames', 'policyname', 'deploymentconfigname'),
    pipelineexecutionid: pipelineExecutionId,
    stagename: 'Release',
    version: '1',
  };
}

/** A webhook, and a job that a worker of a custom action type has. */
async function makeJob(
  make: (api: string, operation: string, input: object) => Promise<Made>,
): Promise<{ id: string; nonce: string }> {
  const [source] = PIPELINE.stages;
  await make('codepipeline', 'PutWebhook', {
    webhook: {
      ...{ name: NAME, targetPipeline: NAME, targetAction: 'Fetch', filters: [] },
      ...{ authentication: 'UNAUTHENTICATED', authenticationConfiguration: {} },
    },
  });
  const type = { category: 'Source', provider: 'Worker', version: '1' };
  const counts = { minimumCount: 0, maximumCount: 1 };
  await make('codepipeline', 'CreateCustomActionType', {
    ...{ ...type, inputArtifactDetails: counts, outputArtifactDetails: counts },
  });
  const actionTypeId = { ...type, owner: 'Custom' };
  const actions = [{ name: 'Fetch', actionTypeId, outputArtifacts: [{ name: 'Code' }] }];
  const stages = [{ ...source, actions }, ...PIPELINE.stages.slice(1)];
  await make('codepipeline', 'CreatePipeline', { pipeline: { ...PIPELINE, name: 'jobs', stages } });
  const { jobs } = await make('codepipeline', 'PollForJobs', { actionTypeId });
  const [job = { id: '', nonce: '' }] = jobs;
  await make('codepipeline', 'AcknowledgeJob', { jobId: job.id, nonce: job.nonce });
  return job;
}

/** A queue that is another's dead-letter queue, with a message that was received and a task that moves it. */
async function makeQueue(
  make: (api: string, operation: string, input: object) => Promise<Made>,
  { region }: Endpoint,
): Promise<Record<string, string>> {
  const arn = `arn:aws:sqs:${region}:000000000000:${NAME}`;
  const { QueueUrl } = await make('sqs', 'CreateQueue', { QueueName: NAME });
  await make('sqs', 'CreateQueue', {
    QueueName: 'source',
    Attributes: {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 }),
    },
  });
  await make('sqs', 'SendMessage', { QueueUrl, MessageBody: NAME });
  const { Messages } = await make('sqs', 'ReceiveMessage', { QueueUrl });
  const { TaskHandle } = await make('sqs', 'StartMessageMoveTask', { SourceArn: arn });
  return {
    ...{ queueurl: QueueUrl, queuename: NAME, taskhandle: TaskHandle, 'sqs.sourcearn': arn },
    receipthandle: Messages[0]?.ReceiptHandle ?? '',
  };
}

const named = (value: string, ...members: string[]) =>
  Object.fromEntries(members.map((member) => [member, value]));
