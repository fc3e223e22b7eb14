import { eventually } from './eventually.ts';
import { type Call, each, type Lists, roleOf, TAGS, THREE, type Where } from './three.ts';
import { reports } from './three-builds.ts';
import { commits } from './three-commits.ts';
import { identities } from './three-identities.ts';
import { fleet } from './three-machines.ts';

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
            beforeEntry: { conditions: [{ rules: THREE.map(rule) }] },
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
