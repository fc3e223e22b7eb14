import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NormalizedSchema } from '@smithy/core/schema';
import { expect, test } from 'vitest';
import { BUILT, SERVICE_NAMES } from './any-call.ts';

// What a caller may say and no service reads would be dropped in silence. Members are looked for by name in all sources
// of the service: a member that another operation reads is not found out.

/** Members that change nothing here. Whoever adds a line says why. */
const HARMLESS: Record<string, string> = {
  's3:RequestPayer': 'the requester never pays',
  's3:ConfirmRemoveSelfBucketAccess':
    'no policy is refused for shutting out its author; the root gets it back',
  's3:AnnotationDirective': 'objects have no annotations',
  's3:OptionalObjectAttributes': 'nothing is restored from an archive',
  's3:ContentMD5': 'authentication compares it with the body',
  ...Object.fromEntries(
    ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5', 'XXHASH64', 'XXHASH3']
      .concat('XXHASH128')
      .map((name) => [`s3:Checksum${name}`, 'read by the name of the algorithm']),
  ),
  's3:DataRedundancy': 'stands in the Bucket of a directory bucket, which is refused',
  's3:EmailAddress': "whoever is granted something has the owner's ID, or is refused",
  'secretsmanager:ForceOverwriteReplicaSecret': 'replicas are refused',
  'events:Force': 'there are no rules that AWS manages',
  'events:IncludeDetail': 'of the logs of a bus, which are refused unless they are off',
  'events:TraceHeader': 'there is no X-Ray',
  'cloudwatch:StrictEntityValidation': 'entities are refused',
  'logs:interleaved': 'deprecated: AWS ignores it as well',
  'logs:entity': 'nothing shows entities',
  'logs:forceUpdate': 'policies of destinations are not compared with who has subscribed to them',
  'logs:keyAttributes': 'of an entity',
  'logs:attributes': 'of an entity',
  'codedeploy:NextToken': 'a resource has 50 tags at most, which are one page',
  'codedeploy:EstimatedCompletionTime': 'an agent says it, and nobody is told',
  ...Object.fromEntries(
    ['ConfigFile', 'Id', 'PublishDeploymentStatus', 'PullRequestComment', 'ResolvedReason']
      .concat('TriggerResourceUpdateOn')
      .map((name) => [`codeconnections:${name}`, 'of a sync, which is refused']),
  ),
  'codebuild:mountOptions': 'of NFS: the file systems of builds are volumes',
  'codebuild:credentialProvider': 'SECRETS_MANAGER, as nothing else',
  'codepipeline:regionFilter': 'action types are the same in every region',
  'elbv2:ResetTransforms': 'rules have no transforms',
  ...Object.fromEntries(
    ['EmitInterval', 'S3BucketName', 'S3BucketPrefix'].map((name) => [
      `elb:${name}`,
      'of access logs, which are refused unless they are off',
    ]),
  ),
  'autoscaling:HttpEndpoint': 'goes to EC2 as it is',
  'autoscaling:HttpPutResponseHopLimit': 'goes to EC2 as it is',
  'autoscaling:HttpTokens': 'goes to EC2 as it is',
  'elasticbeanstalk:ForceTerminate':
    'of environments that others of their group need: groups are refused',
  'ec2:Force': 'what does not end in time is killed anyway',
  'ec2:SkipOsShutdown': 'there is no operating system to shut down: programs are told to end',
  'ec2:IncludeUnsupportedInRegion': 'instance types are the same in every region',
  'service-quotas:SupportCaseAllowed': 'there are no support cases',
};

/** Members that are refused, or may only be empty, whatever is in them: nobody need read that. */
const REFUSED_WHOLE = new Set([
  // IAM, STS, KMS, Secrets Manager
  ...['OrderedOrganizationPolicyInputList', 'PolicyExclusionList', 'ProvidedContexts'],
  ...['Recipient', 'AddReplicaRegions'],
  // CloudWatch Logs: of saved queries
  'parameters',
  // CodeBuild
  'proxyConfiguration',
  // CodeDeploy
  ...['zonalConfig', 'blueGreenDeploymentConfiguration'],
  ...['targetGroupPairInfoList', 'ecsServices', 'appSpecContent', 'string'],
  // CloudWatch
  ...['EntityMetricData', 'EvaluationCriteria', 'EvaluationWindow', 'WarmUpConfiguration'],
  'ActionConfiguration',
  // Targets of EventBridge and of its Scheduler
  ...['RunCommandParameters', 'EcsParameters', 'BatchParameters', 'RedshiftDataParameters'],
  ...['SageMakerPipelineParameters', 'AppSyncParameters'],
  ...['InvocationConnectivityParameters', 'ConnectivityParameters'],
  ...['EventBridgePutEventsV2Parameters', 'EventBridgePutRawEventsParameters'],
  // Elastic Load Balancing
  ...['AuthenticateCognitoConfig', 'AuthenticateOidcConfig', 'JwtValidationConfig', 'Transforms'],
  ...['Certificates', 'MutualAuthentication', 'IpamPools'],
  // CodePipeline
  ...['onFailure', 'onSuccess', 'beforeEntry', 'lambdaExecutorConfiguration'],
  // CodeConnections
  'VpcConfiguration',
  // EC2
  ...['BlockDeviceMappings', 'InstanceMarketOptions', 'CpuOptions', 'HibernationOptions'],
  ...['CapacityReservationSpecification', 'LicenseSpecifications'],
  ...['NetworkPerformanceOptions', 'SecondaryInterfaces', 'Operator', 'EnaSrdSpecification'],
  ...['ConnectionTrackingSpecification', 'Ipv4Prefixes', 'Ipv6Prefixes', 'Ipv6Addresses'],
  ...['ElasticGpuSpecification', 'ElasticInferenceAccelerators', 'PrivateIpAddresses'],
  ...['InstanceRequirements', 'ElasticGpuSpecifications', 'EnclaveOptions'],
  // Auto Scaling
  ...['MixedInstancesPolicy', 'InstanceMaintenancePolicy', 'AvailabilityZoneImpairmentPolicy'],
  ...['InstanceLifecyclePolicy', 'PredictiveScalingConfiguration', 'AlarmSpecification'],
  'TargetTrackingConfiguration',
  // Elastic Beanstalk
  ...['BuildConfiguration', 'ImageConfiguration', 'SourceBuildInformation'],
]);

/** Of a tag, in AWS's forms: src/kit/tags.ts reads them for every service. */
const OF_TAGS = ['Key', 'Value', 'TagKey', 'TagValue'];

/** What services of one kind read alike stands in one place for them. */
const READ_IN_KIT: Record<string, string[]> = {
  events: ['kit/delivery'],
  scheduler: ['kit/delivery'],
  elb: ['kit/load-balancing'],
  elbv2: ['kit/load-balancing'],
};

function sourcesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/(\.test|testing)\.ts$/.test(name))
    .map((name) => readFileSync(join(directory, name), 'utf8'));
}

/** Members at any depth: of structures in structures, lists and maps too, but for those of what is refused whole. */
function addMembers(schema: NormalizedSchema, members: Set<string>, seen: Set<unknown>): void {
  if (schema.isListSchema() || schema.isMapSchema())
    addMembers(schema.getValueSchema(), members, seen);
  if (!schema.isStructSchema() || seen.has(schema.getSchema())) return;
  seen.add(schema.getSchema());
  for (const [name, member] of Object.entries(schema.getMemberSchemas())) {
    members.add(name);
    if (!REFUSED_WHOLE.has(name)) addMembers(member, members, seen);
  }
}

/** `service:Member` of what the inputs of the service's operations have and its sources do not name. */
function unread(service: string): string[] {
  const src = join(import.meta.dirname, '..', 'src');
  const folders = [`services/${service}`, ...(READ_IN_KIT[service] ?? [])];
  const sources = folders.flatMap((at) => sourcesIn(join(src, at)));
  const words = new Set(sources.flatMap((text) => text.match(/\w+/g) ?? []).concat(OF_TAGS));
  const members = new Set<string>();
  const seen = new Set<unknown>();
  for (const built of BUILT)
    if (built.service === service)
      addMembers(NormalizedSchema.of(built.schema as never), members, seen);
  return [...members].filter((name) => !words.has(name)).map((name) => `${service}:${name}`);
}

test.each(SERVICE_NAMES)(
  '%s reads, refuses or knows as harmless whatever it is told',
  (service) => {
    const harmless = Object.keys(HARMLESS).filter((name) => name.startsWith(`${service}:`));
    expect(unread(service).sort()).toEqual(harmless.sort());
  },
);
