import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import yazl from 'yazl';
import { type Answers, makeUpstream, type Upstream } from '../../../testing/upstream.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ActionInput } from '../model/state.ts';
import type { ActionType, Job } from './action-type.ts';
import { eachZipEntry } from './unzip.ts';

// One provider, an action of it, and what it asks of services: those that a stub stands for, and artifacts in memory.

/** The files of an artifact. */
export type Files = Record<string, string>;

export interface Bench extends Pick<Upstream, 'calls' | 'answers' | 'close' | 'url'> {
  /** Bytes of what was put into S3, by key. */
  stored: Map<string, Buffer | Promise<Buffer>>;
  /** Roles that the action's role may not pass on. */
  unpassable: Set<string>;
  job(type: ActionType, given: Given): Job;
}

export interface Given extends Partial<Pick<ActionInput, 'own' | 'sourceOverrides'>> {
  configuration: Record<string, string>;
  /** Input artifacts by name. */
  inputs?: Record<string, Files>;
  outputs?: string[];
  again?: boolean;
  externalExecutionId?: string | undefined;
}

export const ROLE = 'arn:aws:iam::111122223333:role/pipeline';

/** @param clients the client packages of the services that the stub stands for */
export async function bench(clients: object[], answers: Answers): Promise<Bench> {
  const server = await makeUpstream(clients, answers);
  const stored: Bench['stored'] = new Map();
  const unpassable = new Set<string>();
  const made: { destroy(): void }[] = [];
  const client = (Client: new (config: object) => { destroy(): void }) => {
    if ((Client as unknown) === S3Client) return memory(stored);
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
    const one = new Client({
      ...{ endpoint: server.url, region: 'us-east-1', maxAttempts: 1, credentials },
    });
    made.push(one);
    return one;
  };
  return {
    ...server,
    stored,
    unpassable,
    job: (type, given) => {
      for (const [name, files] of Object.entries(given.inputs ?? {}))
        stored.set(`in/${name}`, zipped(files));
      return job(type, given, { client: client as unknown as Job['client'], unpassable });
    },
    async close() {
      for (const one of made) one.destroy();
      await server.close();
    },
  };
}

function job(
  type: ActionType,
  given: Given,
  { client, unpassable }: Pick<Job, 'client'> & Pick<Bench, 'unpassable'>,
): Job {
  const { configuration, inputs = {}, outputs = [], again = false, externalExecutionId } = given;
  const artifact = (name: string, key: string) => ({ name, bucket: 'artifacts', key });
  return {
    type,
    again,
    client,
    itself: client,
    base: 'http://slipway.test',
    store: { type: 'S3', location: 'artifacts' },
    async passRole(roleArn: string) {
      if (!unpassable.has(roleArn)) return;
      const denied = new Error('not authorized to perform: iam:PassRole');
      throw Object.assign(denied, { name: 'AccessDeniedException', status: 403 });
    },
    pipeline: {
      ...{ name: 'web', region: 'us-east-1', accountId: '111122223333' },
      arn: 'arn:aws:codepipeline:us-east-1:111122223333:web',
      declaration: { roleArn: ROLE },
    },
    run: {
      actionExecutionId: '11111111-2222-4333-8444-555555555555',
      executionId: '66666666-2222-4333-8444-555555555555',
      stageName: 'Stage',
      actionName: 'Action',
      startTime: 1_700_000_000_000,
      progress: externalExecutionId === undefined ? {} : { externalExecutionId },
      outputArtifacts: outputs.map((name) => artifact(name, `out/${name}`)),
      input: {
        ...{ region: 'us-east-1', configuration, resolvedConfiguration: configuration },
        inputArtifacts: Object.keys(inputs).map((name) => artifact(name, `in/${name}`)),
        sourceOverrides: [],
        ...(given.own && { own: given.own }),
        ...(given.sourceOverrides && { sourceOverrides: given.sourceOverrides }),
      },
    },
  } as unknown as Job;
}

function zipped(files: Files): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  return buffer(zip.outputStream);
}

/** S3 as far as providers use it. */
function memory(stored: Bench['stored']) {
  return {
    destroy() {},
    async send(command: {
      constructor: { name: string };
      input: { Key: string; Body?: Readable | Buffer };
    }) {
      const { Key, Body } = command.input;
      if (command.constructor.name === 'PutObjectCommand') {
        stored.set(Key, await buffer(Readable.from([Body as Buffer])));
        return {};
      }
      const found = await stored.get(Key);
      if (!found) throw Object.assign(new Error('no key'), { name: 'NoSuchKey', status: 404 });
      return { Body: Readable.from([found]), ETag: '"e"', VersionId: 'v' };
    },
  };
}

/** The files of a ZIP, as texts. */
export async function unzipped(bytes: Buffer | Promise<Buffer> | undefined): Promise<Files> {
  const files: Files = {};
  const directory = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  try {
    await writeFile(join(directory, 'a.zip'), (await bytes) ?? Buffer.alloc(0));
    await eachZipEntry(join(directory, 'a.zip'), async (entry) => {
      files[entry.name] = (await buffer(await entry.open())).toString();
    });
    return files;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const signal = new AbortController().signal;

/** Starts an action and looks at it until it has ended, as the reconciler does. @returns all that it said */
export async function follow(bench: Bench, type: ActionType, given: Given): Promise<Outcome[]> {
  const said = [await type.start(bench.job(type, given), signal)];
  for (let looks = 0; looks < 20; looks++) {
    const last = said.at(-1) as Outcome;
    if (last.state !== 'running' || !type.look) return said;
    const known = said.flatMap(({ progress }) => progress?.externalExecutionId ?? []).at(-1);
    const job = bench.job(type, { ...given, externalExecutionId: known });
    said.push(await type.look(job, signal));
  }
  return said;
}

/** `follow`, for its end alone. */
export async function outcomeOf(bench: Bench, type: ActionType, given: Given): Promise<Outcome> {
  return (await follow(bench, type, given)).at(-1) as Outcome;
}
