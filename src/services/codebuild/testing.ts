import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type {
  BatchGetProjectsOutput,
  Build,
  CreateProjectInput,
  StartBuildInput,
} from '@aws-sdk/client-codebuild';
import { AwsError } from '../../aws/errors.ts';
import type { OpenDatabase } from '../../db/database.ts';
import type { MakeDatabase } from '../../db/testing.ts';
import type { NewEvent } from '../../engine/events.ts';
import type { Executor } from '../../executors/executor.ts';
import { makeProcessExecutor } from '../../executors/process/process-executor.ts';
import type { Platform, ServiceContext } from '../../kit/service.ts';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { databaseOf, perform, world } from '../../testing.ts';
import service from './index.ts';
import { batchGetBuilds, startBuild, stopBuild } from './operations/builds.ts';
import { batchGetProjects, createProject } from './operations/projects.ts';

export const ACCOUNT = '123456789012';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/build`;
const REGION = 'eu-west-1';
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What PutLogEvents takes. */
const MEBIBYTE = 1_048_576;
const EVENT_OVERHEAD_BYTES = 26;

/** The services that a build leans on, in memory: what they keep, and what they refuse. */
export class FakeCloud {
  readonly objects = new Map<string, Buffer>();
  readonly puts: { key: string; input: Record<string, unknown> }[] = [];
  readonly parameters = new Map<string, string>();
  readonly secrets = new Map<string, string>();
  /** Messages by stream. */
  readonly logs = new Map<string, string[]>();
  /** Names of commands and of permissions that are denied. */
  readonly denied = new Set<string>();
  /** Names of commands that are never answered, and of those that fail for the service's own reasons. */
  readonly hanging = new Set<string>();
  readonly failing = new Set<string>();
  readonly #logOffsets = new Map<string, number>();

  async call(name: string, input: Record<string, unknown>): Promise<unknown> {
    if (this.denied.has(name))
      throw new AwsError('AccessDeniedException', `not authorized to perform: ${name}`, 403);
    if (this.failing.has(name)) throw new AwsError('InternalFailure', 'out of order', 500);
    if (this.hanging.has(name)) await new Promise(() => {});
    switch (name) {
      case 'GetCallerIdentityCommand':
      case 'CreateLogGroupCommand':
      case 'CreateLogStreamCommand':
        return {};
      case 'AssumeRoleCommand':
        return {
          Credentials: {
            AccessKeyId: 'ASIAEXAMPLEEXAMPLE00',
            SecretAccessKey: 'example-secret',
            SessionToken: 'example-token',
          },
        };
      case 'PutLogEventsCommand':
        return this.#putLogEvents(input);
      case 'GetLogEventsCommand':
        return { events: [{ message: this.logs.get(String(input.logStreamName))?.join('') }] };
      case 'GetParametersCommand':
        return this.#parameters(input.Names as string[]);
      case 'GetSecretValueCommand':
        return this.#secret(input.SecretId as string);
      case 'PutObjectCommand':
        return this.#putObject(input);
      case 'DeleteObjectCommand':
        return void this.objects.delete(`${input.Bucket}/${input.Key}`);
      case 'HeadObjectCommand':
        if (this.objects.has(`${input.Bucket}/${input.Key}`)) return {};
        throw new AwsError('NotFound', 'Not Found', 404);
      case 'ListObjectsV2Command':
        return this.#list(`${input.Bucket}/`, String(input.Prefix));
      case 'GetObjectCommand':
        return this.#getObject(`${input.Bucket}/${input.Key}`);
      default:
        throw new Error(`the fake knows no ${name}`);
    }
  }

  readonly authorize: Platform['authorizeAs'] = async (_, action, resource) => {
    if (!this.denied.has(action)) return;
    const message = `not authorized to perform: ${action} on resource: ${resource}`;
    throw new AwsError('AccessDeniedException', message, 400);
  };

  /** All logs as text. */
  get text(): string {
    return [...this.logs.values()].flat().join('');
  }

  #putLogEvents({ logStreamName, sequenceToken, logEvents }: Record<string, unknown>): unknown {
    const stream = String(logStreamName);
    const offset = Number(String(sequenceToken).replace('slipway-offset:', ''));
    if (offset <= (this.#logOffsets.get(stream) ?? -1)) return {};
    const messages = (logEvents as { message: string }[]).map(({ message }) => message);
    const sizes = messages.map((message) => Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total > MEBIBYTE || messages.length > 10_000 || Math.max(...sizes) > MEBIBYTE / 4)
      throw new AwsError('InvalidParameterException', 'Upload too large', 400);
    this.#logOffsets.set(stream, offset);
    const kept = this.logs.get(stream) ?? [];
    for (const message of messages) kept.push(message);
    this.logs.set(stream, kept);
    return {};
  }

  /** Kept by what they are asked for: `NAME`, `NAME:3`; answered as SSM does, the selector apart. */
  #parameters(names: string[]): unknown {
    const found = names.filter((name) => this.parameters.has(name));
    return {
      Parameters: found.map((asked) => {
        const [Name = '', selector] = asked.split(':');
        return {
          Name,
          Value: this.parameters.get(asked),
          ...(selector && { Selector: `:${selector}` }),
        };
      }),
      InvalidParameters: names.filter((name) => !this.parameters.has(name)),
    };
  }

  #secret(id: string): unknown {
    if (!this.secrets.has(id))
      throw new AwsError(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret.`,
      );
    return { SecretString: this.secrets.get(id) };
  }

  async #putObject(input: Record<string, unknown>): Promise<unknown> {
    const body = input.Body;
    const bytes = body instanceof Readable ? await buffer(body) : Buffer.from(body as Uint8Array);
    const key = `${input.Bucket}/${input.Key}`;
    if (input.IfNoneMatch === '*' && this.objects.has(key))
      throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions failed', 412);
    this.objects.set(key, bytes);
    this.puts.push({ key, input });
    return {};
  }

  /** In the order in which they were put, a second apart. */
  #list(bucket: string, prefix: string): unknown {
    const keys = [...this.objects.keys()].map((key, index) => ({
      key,
      at: new Date(index * 1000),
    }));
    const found = keys.filter(({ key }) => key.startsWith(bucket + prefix));
    return {
      Contents: found.map(({ key, at }) => ({ Key: key.slice(bucket.length), LastModified: at })),
    };
  }

  #getObject(key: string): unknown {
    const bytes = this.objects.get(key);
    if (!bytes) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    const Body = Object.assign(Readable.from([bytes]), {
      transformToString: async () => bytes.toString(),
    });
    return { Body, ContentLength: bytes.length };
  }
}

export interface TestServer {
  platform: Platform;
  /** Of a call by a user, for `perform`. */
  context: ServiceContext;
  /** Events that were published, in their order. */
  events: NewEvent[];
  createProject(project?: Partial<CreateProjectInput>): Promise<void>;
  startBuild(input?: Partial<StartBuildInput>, options?: { asRole?: boolean }): Promise<Build>;
  stopBuild(id: string): Promise<Build>;
  getBuild(id: string): Promise<Build>;
  getProjects(names: string[]): Promise<BatchGetProjectsOutput>;
  /** Resolves once the build is in this phase. */
  reached(id: string, phase: string): Promise<void>;
  /** Resolves with the build once it is complete. */
  ended(id: string): Promise<Build>;
  /** Starts a build of a new project with this buildspec, and waits for its end. */
  run(
    buildspec: string,
    project?: Partial<CreateProjectInput>,
    input?: Partial<StartBuildInput>,
  ): Promise<Build>;
  /** Stops the server; the work goes on. */
  stop(): Promise<void>;
}

export interface TestServerOptions {
  database: OpenDatabase;
  cloud: FakeCloud;
  dataDir: string;
  executor?: Executor;
  clock?: Clock;
}

/** A server with CodeBuild on it, and the process executor. */
export async function testServer({
  database,
  cloud,
  dataDir,
  executor,
  clock = systemClock,
}: TestServerOptions): Promise<TestServer> {
  const client = (Client: { name: string }) => ({
    name: Client.name,
    send: (command: { constructor: { name: string }; input: Record<string, unknown> }) =>
      cloud.call(command.constructor.name, command.input),
  });
  const server = await world(database, [service], {
    ...{ clock, dataDir },
    executor:
      executor ??
      makeProcessExecutor({
        stateDir: join(dataDir, 'work'),
        path: PATH,
        sandbox: 'off',
        hidden: [],
      }),
    around: {
      client: () => client as unknown as Platform['client'],
      authorizeAs: () => cloud.authorize,
    },
  });
  const { platform } = server;
  const ctx = Object.assign(Object.create(platform), {
    requestId: 'request',
    accountId: ACCOUNT,
    region: REGION,
    partition: 'aws',
    principal: {
      type: 'user',
      accountId: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:user/alice`,
      userId: 'AIDA',
      userName: 'alice',
    },
    authorize: async () => {},
    sealToken: (state: unknown) => JSON.stringify(state),
    openToken: (token: string) => JSON.parse(token),
  }) as ServiceContext;
  const roleContext = Object.assign(Object.create(ctx), {
    principal: {
      type: 'assumed-role',
      accountId: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/pipeline/session`,
      userId: 'AROA:session',
      roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline`,
      roleName: 'pipeline',
      sessionName: 'session',
    },
  }) as ServiceContext;
  await server.start();

  const getBuild = async (id: string) => {
    const { builds } = await perform(batchGetBuilds, ctx, { ids: [id] });
    return builds?.[0] ?? {};
  };
  /** The build after the event that made it so; every change of phase is one. */
  const until = async (id: string, enough: (build: Build) => boolean) => {
    let build: Build = {};
    await server.until(async () => {
      build = await getBuild(id);
      return enough(build);
    });
    return build;
  };
  const tested: TestServer = {
    platform,
    context: ctx,
    events: server.events,
    async createProject(project = {}) {
      await perform(createProject, ctx, { ...defaultProject(), ...project });
    },
    async startBuild(input = {}, { asRole = false } = {}) {
      const { build } = await perform(startBuild, asRole ? roleContext : ctx, {
        projectName: 'app',
        ...input,
      });
      return build ?? {};
    },
    stopBuild: async (id) => (await perform(stopBuild, ctx, { id })).build ?? {},
    getBuild,
    getProjects: (names) => perform(batchGetProjects, ctx, { names }),
    async reached(id, phase) {
      await until(id, (build) => build.currentPhase === phase);
    },
    ended: (id) => until(id, (build) => build.buildComplete === true),
    async run(buildspec, project = {}, input = {}) {
      await tested.createProject({
        ...project,
        source: { type: 'NO_SOURCE', buildspec },
      });
      const { id = '' } = await tested.startBuild({ projectName: project.name ?? 'app', ...input });
      return tested.ended(id);
    },
    stop: server.stop,
  };
  return tested;
}

/** Of what every test of a build starts from. */
export function defaultProject(): CreateProjectInput {
  return {
    name: 'app',
    source: {
      type: 'NO_SOURCE',
      buildspec: 'version: 0.2\nphases: {build: {commands: [echo hello]}}\n',
    },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: { type: 'LINUX_CONTAINER', image: 'alpine', computeType: 'BUILD_GENERAL1_SMALL' },
    serviceRole: ROLE,
  };
}

/** A directory that goes when `clean` runs. */
/** A server with a directory, a database and a cloud of its own. The test stops it and cleans the directory. */
export async function freshServer(makeDatabase: MakeDatabase) {
  const cloud = new FakeCloud();
  const directory = temporaryDirectory();
  const database = await databaseOf(makeDatabase, [service]);
  const server = await testServer({ database, cloud, dataDir: directory.path });
  return { cloud, directory, database, server };
}

export function temporaryDirectory(): { path: string; clean(): void } {
  const path = mkdtempSync(join(tmpdir(), 'slipway-codebuild-'));
  return { path, clean: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}
