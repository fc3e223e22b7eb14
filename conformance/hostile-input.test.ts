import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import * as sts from '@aws-sdk/client-sts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../src/aws/api.ts';
import { notImplemented } from '../src/aws/operation.ts';
import { eachDialect } from '../src/db/testing.ts';
import { SERVICES } from '../src/services/registry.ts';
import { inputsOf } from './hostile-input.ts';
import { startServer, type TestServer } from './server.ts';

/** Inputs to each operation. A thousand of each take a quarter of an hour. */
const RUNS = Number(process.env.SLIPWAY_TEST_RUNS ?? 10);
const NAME = 'known';
const ROLE = `arn:aws:iam::000000000000:role/${NAME}`;
const BUCKET = 'known-bucket';
const BUILDSPEC = 'version: 0.2\nphases: {build: {commands: ["true"]}}';
const POLICY =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
const TRUST =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}}';

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

const services = await Promise.all(
  Object.entries(SERVICES).map(async ([name, load]) => ({
    name,
    apis: (await load()).default.apis,
  })),
);

eachDialect(
  'no input makes a call fail for a reason that is ours',
  (makeDatabase, dialect, _, place) => {
    let server: TestServer;
    let known: Record<string, string>;

    beforeAll(async () => {
      const env: Record<string, string> = {};
      if (dialect === 'postgres') {
        await makeDatabase();
        const options = place();
        if (options.dialect === 'postgres') env.SLIPWAY_DATABASE = options.url;
      }
      server = await startServer({ flags: ['--auth', 'relaxed'], env });
      known = await makeKnown(server);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test.each(services)('$name', { timeout: 300_000 }, async ({ apis }) => {
      const before = server.log().length;
      for (const { api, operations } of apis) {
        const anyType = api.protocol.startsWith('json');
        for (const [name, schema] of Object.entries(api.operations)) {
          const built = operations[name.charAt(0).toLowerCase() + name.slice(1)];
          if (!built || built === notImplemented) continue;
          const inputs = inputsOf(schema[4], { api: api.name, known, anyType });
          await fc.assert(
            fc.asyncProperty(inputs, async (input) => {
              const status = await call(server, api, name, input);
              expect({ name, status, ours: status >= 500 && status !== 501 }).toMatchObject({
                ours: false,
              });
            }),
            { numRuns: RUNS },
          );
        }
      }
      expect(server.log().slice(before)).not.toContain('"level":50');
    });
  },
);

/** Calls as the account's root. @returns the status; 0 when the SDK's client would not send it */
async function call(server: TestServer, api: Api, operation: string, input: object) {
  if (api.protocol.startsWith('json')) return (await post(server, api, operation, input)).status;
  // The client would announce a body of this length, and not send it.
  if ('ContentLength' in input) delete input.ContentLength;
  const { client, commands } = sdkOf(server, api.name);
  const Command = commands[`${operation}Command`];
  if (!Command) throw new Error(`The SDK has no ${operation}Command`);
  try {
    await client.send(new Command(input));
    return 200;
  } catch (error) {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode ?? 0;
    // Left without a source, a copy is a PutObject: the client makes this of its answer without a body.
    return status === 503 ? 200 : status;
  }
}

interface Sdk {
  client: { send(command: unknown): Promise<unknown> };
  commands: Record<string, new (input: object) => unknown>;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const sdks = new Map<string, Sdk>();

/** What the SDK has for an API whose inputs are not JSON. Its clients are made once for a server. */
function sdkOf(server: TestServer, api: string): Sdk {
  const key = `${api} ${server.endpoint}`;
  let sdk = sdks.get(key);
  if (!sdk) {
    const config = { ...server.client, maxAttempts: 1, forcePathStyle: true, logger: silent };
    const made: Record<string, [object, object]> = {
      iam: [new iam.IAMClient(config), iam],
      s3: [new s3.S3Client(config), s3],
      sts: [new sts.STSClient(config), sts],
    };
    const [client, commands] = made[api] ?? [];
    if (!client) throw new Error(`Inputs of ${api} are not sent yet: give it a client here`);
    sdk = { client: client as Sdk['client'], commands: commands as Sdk['commands'] };
    sdks.set(key, sdk);
  }
  return sdk;
}

function post(
  server: TestServer,
  api: Pick<Api, 'name' | 'targetPrefix'>,
  operation: string,
  input: object,
) {
  const scope = `${server.accessKeyId}/20260101/${server.region}/${api.name}/aws4_request`;
  return fetch(server.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${api.targetPrefix}.${operation}`,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(input),
  });
}

/** What is read of answers. */
interface Made {
  KeyMetadata: { KeyId: string };
  commitId: string;
  project: { arn: string };
  build: { id: string };
  pipelineExecutionId: string;
}

/** One of each resource, so that calls get past the names. @returns what they are called, by member name */
async function makeKnown(server: TestServer): Promise<Record<string, string>> {
  const make = async (api: string, operation: string, input: object): Promise<Made> => {
    const found = services.flatMap(({ apis }) => apis).find((a) => a.api.name === api)?.api;
    if (!found) throw new Error(`There is no ${api}`);
    if (found.protocol.startsWith('json'))
      return (await post(server, found, operation, input)).json() as Promise<Made>;
    await call(server, found, operation, input);
    return {} as Made;
  };
  await make('iam', 'CreateRole', { RoleName: NAME, AssumeRolePolicyDocument: TRUST });
  await make('iam', 'CreateUser', { UserName: NAME });
  await make('s3', 'CreateBucket', { Bucket: BUCKET });
  await make('s3', 'PutObject', { Bucket: BUCKET, Key: NAME, Body: 'x' });
  const { KeyMetadata } = await make('kms', 'CreateKey', {});
  await make('ssm', 'PutParameter', { Name: NAME, Value: 'v', Type: 'String' });
  await make('secretsmanager', 'CreateSecret', { Name: NAME, SecretString: '{}' });
  await make('logs', 'CreateLogGroup', { logGroupName: NAME });
  await make('logs', 'CreateLogStream', { logGroupName: NAME, logStreamName: NAME });
  await make('codecommit', 'CreateRepository', { repositoryName: NAME });
  const file = { filePath: NAME, fileContent: 'eA==' };
  const { commitId } = await make('codecommit', 'PutFile', {
    repositoryName: NAME,
    branchName: 'main',
    ...file,
  });
  await make('codedeploy', 'CreateApplication', { applicationName: NAME });
  await make('codedeploy', 'CreateDeploymentGroup', {
    applicationName: NAME,
    deploymentGroupName: NAME,
    serviceRoleArn: ROLE,
  });
  const { project } = await make('codebuild', 'CreateProject', {
    name: NAME,
    source: { type: 'NO_SOURCE', buildspec: BUILDSPEC },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: NAME, computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: ROLE,
  });
  const { build } = await make('codebuild', 'StartBuild', { projectName: NAME });
  await make('codepipeline', 'CreatePipeline', { pipeline: PIPELINE });
  const { pipelineExecutionId } = await make('codepipeline', 'StartPipelineExecution', {
    name: NAME,
  });
  return {
    ...named(NAME, 'name', 'names', 'rolename', 'username', 'key', 'projectname', 'repositoryname'),
    ...named(NAME, 'loggroupname', 'logstreamname', 'applicationname', 'deploymentgroupname'),
    ...named(NAME, 'currentdeploymentgroupname', 'secretid', 'filepath', 'pipelinename', 'image'),
    ...named(ROLE, 'rolearn', 'servicerole', 'servicerolearn'),
    ...named(commitId, 'commitid', 'parentcommitid', 'commitspecifier', 'aftercommitspecifier'),
    ...named(BUCKET, 'bucket', 'location'),
    ...named(build.id, 'id', 'ids'),
    ...named(POLICY, 'policydocument', 'policy'),
    ...named(project.arn, 'resourcearn', 'arn'),
    actionname: 'Approve',
    assumerolepolicydocument: TRUST,
    branchname: 'main',
    buildspec: BUILDSPEC,
    copysource: `${BUCKET}/${NAME}`,
    keyid: KeyMetadata.KeyId,
    pipelineexecutionid: pipelineExecutionId,
    stagename: 'Release',
    version: '1',
  };
}

const named = (value: string, ...members: string[]) =>
  Object.fromEntries(members.map((member) => [member, value]));
