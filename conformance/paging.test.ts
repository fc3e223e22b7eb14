import { NormalizedSchema } from '@smithy/core/schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDestinations, type Upstream, upstreamEnvironment } from '../src/testing/upstream.ts';
import { BUILT, type Built, callAny } from './any-call.ts';
import { startServer, type TestServer } from './server.ts';
import type { Lists } from './three.ts';
import { makeThreeOfEach } from './three-of-each.ts';

// Every operation whose input can say how long a page is, by the SDK's schemas: pages of one are pages of one, and
// following the tokens shows each of three items once.

const LIMIT = /^(max(results|items|keys|parts|uploads|buckets|records)|limit|pagesize)$/i;
/** Operations that have no three items to show, with the reason. */
const SHORT: Record<string, string> = {
  DescribeInstances: 'instances are of the Docker executor: services/ec2 has a test of pages',
  DescribeInstanceStatus: 'instances are of the Docker executor: services/ec2 has a test of pages',
  DescribeIamInstanceProfileAssociations:
    'instances are of the Docker executor: services/ec2 has a test of pages',
  DescribeNetworkInterfaces:
    'instances are of the Docker executor: services/ec2 has a test of pages',
  DescribeVolumes: 'instances are of the Docker executor: services/ec2 has a test of pages',
  ...Object.fromEntries(
    ['DescribeAutoScalingGroups', 'DescribeAutoScalingInstances', 'DescribeScalingActivities']
      .concat('DescribeLaunchConfigurations', 'DescribeScheduledActions', 'DescribePolicies')
      .concat('DescribeNotificationConfigurations', 'DescribeInstanceRefreshes')
      .concat('DescribeLoadBalancerTargetGroups', 'DescribeTrafficSources')
      .concat('autoscaling:DescribeTags')
      .map((name) => [name, 'groups are of the Docker executor: services/autoscaling has a test']),
  ),
  ...Object.fromEntries(
    ['DescribeEnvironments', 'DescribeEvents'].map((name) => [
      name,
      'environments are of the Docker executor: services/elasticbeanstalk has a test',
    ]),
  ),
  'autoscaling:DescribeLoadBalancers': 'a group has no classic load balancers',
  ListPlatformBranches: 'there is one platform',
  ListPlatformVersions: 'there is one platform',
  DescribeInstanceTypes: 'a page is of five or more: services/ec2 has a test of pages',
  DescribeSecurityGroupRules: 'a page is of five or more: services/ec2 has a test of pages',
  DescribeSecurityGroups: 'a page is of five or more: services/ec2 has a test of pages',
  DescribeSubnets: 'a page is of five or more: services/ec2 has a test of pages',
  DescribeVpcs: 'an account has one in a region',
  DescribeInternetGateways: 'an account has one in a region',
  DescribeRouteTables: 'an account has one in a region',
  ListKeyPolicies: 'a key has one policy',
  ListAccountAliases: 'an account has one alias',
  ListDeployActionExecutionTargets:
    'they are a deployment’s: services/codepipeline has a test of it',
  ListMessageMoveTasks: 'it shows as many of the newest as are asked for, and no more',
  DescribeExportTasks: 'one runs at a time, and waits for a bucket',
  DescribeSubscriptionFilters: 'a group has two at most: services/logs has a test of it',
  GetQueryResults: 'results are there when the query is done: services/logs has a test of it',
  ListLogGroupsForQuery: 'a query has no more groups than the shortest page',
  StartQuery: 'its limit is that of the results, however many pages they have',
  ListSharedProjects: 'an account shares none with itself: services/codebuild has a test of it',
  ListSharedReportGroups: 'an account shares none with itself: services/codebuild has a test of it',
  ListSyncConfigurations: 'syncs are refused, so that there is none',
  GetCommentReactions: 'reactions are of three users: services/codecommit has a test of it',
  GetObjectAttributes: 'three parts are 10 MiB: services/s3 has a test of it',
};

let server: TestServer;
let upstream: Upstream;
let lists: Lists;

const sizeOf = ({ schema }: Built) =>
  [...NormalizedSchema.of(schema as never).structIterator()]
    .map(([member]) => member)
    .find((member) => LIMIT.test(member));

const call = async (api: string, operation: string, input: object) => {
  // Two APIs that have one name are told by their services.
  const found = BUILT.find(
    (one) => (one.service === api || one.api.name === api) && one.name === operation,
  );
  if (!found) throw new Error(`There is no ${api}:${operation}`);
  return callBuilt(found, input);
};

async function callBuilt({ api, name }: Built, input: object): Promise<Record<string, unknown>> {
  const answer = await callAny(server, server, api, name, input);
  if (answer.status !== 200)
    throw new Error(`${api.name}:${name}: ${answer.code} ${answer.message}`);
  return answer.output;
}

/** Input and output members that hand a token on. */
const TOKENS: Record<string, string[]> = {
  Marker: ['NextMarker', 'Marker'],
  NextToken: ['NextToken'],
  nextToken: ['nextToken', 'nextForwardToken'],
  ContinuationToken: ['NextContinuationToken', 'ContinuationToken'],
  KeyMarker: ['NextKeyMarker'],
  UploadIdMarker: ['NextUploadIdMarker'],
  VersionIdMarker: ['NextVersionIdMarker'],
  PartNumberMarker: ['NextPartNumberMarker'],
};

/** The members of the next call that the answer gives; none when the list is over. */
function nextOf({ schema }: Built, output: Record<string, unknown>): Record<string, unknown> {
  const next: Record<string, unknown> = {};
  for (const [member] of NormalizedSchema.of(schema as never).structIterator()) {
    const name = TOKENS[member]?.find((one) => output[one] !== undefined && output[one] !== '');
    if (name) next[member] = output[name];
  }
  return output.IsTruncated === false ? {} : next;
}

async function walk(built: Built, size: string, input: object, items: string): Promise<unknown[]> {
  const all: unknown[] = [];
  let next: Record<string, unknown> = {};
  for (let rounds = 0; rounds < 2000; rounds++) {
    const output = await callBuilt(built, { ...input, ...next, [size]: 1 });
    const shown = (output[items] as unknown[] | undefined) ?? [];
    expect(shown.length, 'items in a page of one').toBeLessThanOrEqual(1);
    all.push(...shown);
    const before = JSON.stringify(next);
    next = nextOf(built, output);
    if (Object.keys(next).length === 0 || JSON.stringify(next) === before) return all;
  }
  throw new Error('The list does not end');
}

beforeAll(async () => {
  upstream = await makeDestinations();
  const env = upstreamEnvironment(upstream, 'kinesis');
  server = await startServer({ flags: ['--executor', 'process'], env });
  lists = await makeThreeOfEach(call, server);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await upstream?.close();
});

describe('the length of a page is what the caller says', () => {
  for (const built of BUILT) {
    const size = sizeOf(built);
    const names = [built.name, `${built.service}:${built.name}`];
    if (size === undefined || names.some((name) => Object.hasOwn(SHORT, name))) continue;
    test(`${built.service} ${built.name} ${size}`, async () => {
      const list = lists[`${built.service}:${built.name}`] ?? lists[built.name];
      if (!list) throw new Error('Make three of what it lists in three-of-each.ts');
      const whole = await callBuilt(built, list.input);
      const paged = await walk(built, size, list.input, list.items);
      expect(paged.length).toBeGreaterThanOrEqual(list.atLeast ?? 3);
      expect(new Set(paged.map((item) => JSON.stringify(item))).size).toBe(paged.length);
      expect(paged.length).toBe((whole[list.items] as unknown[]).length);
    });
  }
});
