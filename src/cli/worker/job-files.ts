import { createReadStream, createWriteStream } from 'node:fs';
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Artifact, JobData } from '@aws-sdk/client-codepipeline';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { unpackZip } from '../../agent/archive/zip.ts';
import { LinuxZipFile } from '../../lib/linux-zip-file.ts';

// The directory of a job: what its command finds there, and what is read when it has ended.

/** Where S3 is. */
export interface S3Place {
  region: string;
  endpoint: string | undefined;
}

/** Files that the command may write, and what becomes of each. */
export const RESULT_FILES = {
  variables: 'variables',
  summary: 'summary',
  externalExecutionId: 'external-execution-id',
  percentComplete: 'percent-complete',
  continuation: 'continuation-token',
  revision: 'revision',
} as const;

export type ResultFile = keyof typeof RESULT_FILES;

/** What the command wrote into it, without the last line's end; undefined where it wrote nothing. */
export async function readResult(directory: string, file: ResultFile): Promise<string | undefined> {
  const text = await readFile(join(directory, RESULT_FILES[file]), 'utf8').catch(() => '');
  return text.trimEnd() || undefined;
}

export const makeJobDirectory = () => mkdtemp(join(tmpdir(), 'slipway-job-'));

/** Brings the inputs of a job, each as `inputs/NAME.zip` and unpacked in `inputs/NAME`, and makes places for its outputs. */
export async function prepare(directory: string, data: JobData, place: S3Place): Promise<void> {
  const s3 = clientFor(data, place);
  await mkdir(join(directory, 'inputs'));
  await mkdir(join(directory, 'outputs'));
  for (const artifact of data.inputArtifacts ?? []) await fetchInput(s3, directory, artifact);
  for (const artifact of data.outputArtifacts ?? [])
    await mkdir(join(directory, 'outputs', nameOf(artifact)));
  const { artifactCredentials: _, ...shown } = data;
  await writeFile(join(directory, 'job.json'), `${JSON.stringify(shown, null, 2)}\n`, {
    mode: 0o600,
  });
}

async function fetchInput(s3: S3Client, directory: string, artifact: Artifact): Promise<void> {
  const file = join(directory, 'inputs', `${nameOf(artifact)}.zip`);
  const unpacked = join(directory, 'inputs', nameOf(artifact));
  const { Body } = await s3.send(new GetObjectCommand(locationOf(artifact)));
  await pipeline(Body as Readable, createWriteStream(file));
  await mkdir(unpacked);
  // A source may be any file: then there is that file alone.
  if (await isZip(file)) await unpackZip(file, unpacked);
}

async function isZip(file: string): Promise<boolean> {
  for await (const chunk of createReadStream(file, { end: 3 }))
    return ['PK\x03\x04', 'PK\x05\x06'].includes((chunk as Buffer).toString('latin1'));
  return false;
}

/** Uploads what the command left in `outputs/NAME`, or the ZIP `outputs/NAME.zip` that it made itself. */
export async function upload(directory: string, data: JobData, place: S3Place): Promise<void> {
  const s3 = clientFor(data, place);
  for (const artifact of data.outputArtifacts ?? []) {
    const made = join(directory, 'outputs', `${nameOf(artifact)}.zip`);
    if (!(await stat(made).catch(() => undefined)))
      await zip(join(directory, 'outputs', nameOf(artifact)), made);
    const { size } = await stat(made);
    await s3.send(
      new PutObjectCommand({
        ...locationOf(artifact),
        Body: createReadStream(made),
        ContentLength: size,
        ServerSideEncryption: 'aws:kms',
        ...(data.encryptionKey && { SSEKMSKeyId: data.encryptionKey.id }),
      }),
    );
  }
}

async function zip(directory: string, file: string): Promise<void> {
  const archive = new LinuxZipFile();
  await add(archive, directory, '');
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(file));
}

async function add(archive: LinuxZipFile, directory: string, prefix: string): Promise<void> {
  for (const name of (await readdir(directory)).sort()) {
    const path = join(directory, name);
    const found = await lstat(path);
    const inside = `${prefix}${name}`;
    const { mtime, mode } = found;
    if (found.isDirectory()) {
      archive.addEmptyDirectory(`${inside}/`, { mtime, mode });
      await add(archive, path, `${inside}/`);
    } else if (found.isSymbolicLink()) {
      archive.addBuffer(Buffer.from(await readlink(path)), inside, { mtime, mode });
    } else if (found.isFile()) {
      const content = Readable.from(contentOf(path));
      archive.addReadStream(content, inside, { mtime, mode, size: found.size });
    }
  }
}

/** Opened when it is read: an archive has more files than a process may have open. */
async function* contentOf(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path);
}

export const removeJobDirectory = (directory: string) =>
  rm(directory, { recursive: true, force: true });

function clientFor({ artifactCredentials }: JobData, { region, endpoint }: S3Place): S3Client {
  return new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    credentials: {
      accessKeyId: artifactCredentials?.accessKeyId ?? '',
      secretAccessKey: artifactCredentials?.secretAccessKey ?? '',
      sessionToken: artifactCredentials?.sessionToken ?? '',
    },
  });
}

function locationOf({ location }: Artifact) {
  const { bucketName: Bucket, objectKey: Key } = location?.s3Location ?? {};
  return { Bucket, Key };
}

/** @throws Error for what could lead out of the directory */
function nameOf({ name = '' }: Artifact): string {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) throw new Error(`The artifact '${name}' has no proper name.`);
  return name;
}
