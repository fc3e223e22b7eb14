import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  StartBuildCommand,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { makeProject, makeRole } from '../../bench/pipeline.ts';
import { eventually } from '../../conformance/eventually.ts';
import { startServer, type TestServer } from '../../conformance/server.ts';

export type Executor = 'process' | 'docker';
export const IMAGE = process.env.SLIPWAY_TEST_IMAGE ?? 'slipway-test:bookworm';
const BUCKET = 'ground';
const PHASE_MS = 120_000;
const SOURCE_BYTES = 64 * 1024 ** 2;

/** A buildspec: commands by phase, and the artifact's files. */
export interface Spec {
  commands: Record<string, string[]>;
  files?: string[];
}

/** A server with a project whose source is large enough to take a moment, and what one does with its builds. */
export interface BuildGround {
  server: TestServer;
  start(spec: Spec): Promise<string>;
  look(id: string): Promise<Build>;
  /** @returns false where the phase was over before it was seen */
  reached(id: string, phase: string): Promise<boolean>;
  /** @returns the build, and milliseconds until it had ended */
  stop(id: string): Promise<{ build: Build; ms: number }>;
  ended(id: string, ms?: number): Promise<Build>;
  /** The end of its log. */
  log(build: Build): Promise<string>;
}

export async function buildGround(executor: Executor): Promise<BuildGround> {
  const server = await startServer({ flags: ['--executor', executor] });
  const codebuild = new CodeBuildClient(server.client);
  const logs = new CloudWatchLogsClient(server.client);
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  const role = await makeRole(server);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const Body = Buffer.alloc(SOURCE_BYTES, 'x');
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'source/file', Body }));
  await makeProject(server, role, IMAGE, {
    source: { type: 'S3', location: `${BUCKET}/source/`, buildspec: 'none.yml' },
    artifacts: { type: 'S3', location: BUCKET, path: 'out', name: 'out.zip', packaging: 'ZIP' },
  });
  const look = async (id: string): Promise<Build> => {
    const { builds = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
    return builds[0] ?? {};
  };
  const ended = (id: string, ms = PHASE_MS) =>
    eventually(
      `the end of ${id}`,
      async () => {
        const build = await look(id);
        return build.buildComplete && build;
      },
      ms,
    );
  return {
    ...{ server, look, ended },
    async start({ commands, files }) {
      const phases = Object.fromEntries(
        Object.entries(commands).map(([phase, list]) => [phase, { commands: list }]),
      );
      const spec = { version: 0.2, phases, ...(files && { artifacts: { files } }) };
      const start = { projectName: 'bench', buildspecOverride: JSON.stringify(spec) };
      return (await codebuild.send(new StartBuildCommand(start))).build?.id ?? '';
    },
    async reached(id, phase) {
      for (const late = Date.now() + PHASE_MS; Date.now() < late; ) {
        const { currentPhase, buildComplete, phases = [] } = await look(id);
        if (currentPhase === phase) return true;
        if (buildComplete || phases.some((one) => one.phaseType === phase)) return false;
        await sleep(2);
      }
      return false;
    },
    async stop(id) {
      const began = performance.now();
      await codebuild.send(new StopBuildCommand({ id }));
      const build = await ended(id);
      return { build, ms: performance.now() - began };
    },
    async log({ logs: place }) {
      const where = { logGroupName: place?.groupName, logStreamName: place?.streamName };
      let text = '';
      for (let nextToken: string | undefined; ; ) {
        const get = new GetLogEventsCommand({ ...where, startFromHead: true, nextToken });
        const { events = [], nextForwardToken } = await logs.send(get);
        for (const { message } of events) text += message;
        if (nextForwardToken === nextToken) return text;
        nextToken = nextForwardToken;
      }
    },
  };
}
