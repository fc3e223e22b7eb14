import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StopPipelineExecutionCommand } from '@aws-sdk/client-codepipeline';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { git } from '../src/cli/demo/git.ts';
import { buildPolicy, NAMES, type Place, pipelinePolicy } from '../src/cli/demo/policies.ts';
import {
  type Clients,
  makeClients,
  makeInputs,
  makeRepository,
} from '../src/cli/demo/resources.ts';
import type { DemoServer } from '../src/cli/demo/server.ts';
import { longArchive } from '../src/git/testing.ts';
import { eventually } from './eventually.ts';
import { lastExecution, makeApplication, removals, startWith } from './permissions.ts';
import { startServer, type TestServer } from './server.ts';

// An execution is abandoned while CodeCommit writes the archive of its source, in parts.

/** Six seconds of compression here. */
const MEBIBYTES = 300;

let server: TestServer;
let directory: string;
let clients: Clients;
let place: Place;
let deployRole: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-abandoned-'));
  server = await startServer();
  const reached = { ...server, credentials: server.client.credentials } as unknown as DemoServer;
  clients = makeClients(reached);
  place = { accountId: server.accountId, region: server.region, bucket: 'journey-artifacts' };
  await makeInputs(clients, place);
  const developer = await makeRepository(clients, place);
  const work = join(directory, 'work');
  mkdirSync(work);
  await git(work, ['init', '-q', '-b', NAMES.branch]);
  const commit = longArchive(work, MEBIBYTES);
  const target = `${commit}:refs/heads/${NAMES.branch}`;
  await git(work, ['push', '-q', developer.url, target], developer);
  deployRole = await makeApplication(clients);
});
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const uploadsOf = async (name: string) => {
  const list = new ListMultipartUploadsCommand({ Bucket: place.bucket, Prefix: `${name}/` });
  return (await clients.s3.send(list)).Uploads ?? [];
};
const objectsOf = async (name: string) => {
  const list = new ListObjectsV2Command({ Bucket: place.bucket, Prefix: `${name}/` });
  return (await clients.s3.send(list)).Contents ?? [];
};

/** Abandons the execution once the first part of its archive may be on its way; resolves when the upload has ended. */
async function abandoned(name: string, pipeline: string): Promise<void> {
  await startWith(clients, place, name, deployRole, { pipeline, build: buildPolicy(place) });
  await eventually('the upload', async () => (await uploadsOf(name)).length > 0);
  const { pipelineExecutionId } = (await lastExecution(clients, name)) ?? {};
  const stop = { pipelineName: name, pipelineExecutionId, abandon: true };
  await clients.codepipeline.send(new StopPipelineExecutionCommand(stop));
  await eventually('the end of the upload', async () => (await uploadsOf(name)).length === 0);
  expect((await lastExecution(clients, name))?.status).toBe('Stopped');
}

test('abandoning an execution ends the archive, and nothing of it stays in the bucket', async () => {
  await abandoned('heard', pipelinePolicy(place));
  expect(await objectsOf('heard')).toEqual([]);
});

test('a role without codecommit:CancelUploadArchive leaves the archive to its own end', async () => {
  const less = removals(pipelinePolicy(place)).find(
    ({ removed }) => removed === 'codecommit:CancelUploadArchive',
  );
  await abandoned('unheard', less?.document ?? '');
  expect(await objectsOf('unheard')).toHaveLength(1);
});
