import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ZipFile } from 'yazl';
import { readSome } from '../../../lib/read-some.ts';
import { limits } from '../limits.ts';
import type { Artifact, ArtifactLocation } from '../model/state.ts';
import { type Job, roleOf, storeEncryption } from './action-type.ts';
import { ActionFailure, bucketFailure, explain } from './failure.ts';
import { eachZipEntry, type Visit, type ZipEntry } from './unzip.ts';

/** Downloads an input artifact and calls `visit` for each of its files, for so many at once. */
export async function eachArtifactFile(
  job: Job,
  artifact: ArtifactLocation,
  visit: Visit,
  atOnce = 1,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-artifact-'));
  try {
    const file = join(directory, 'artifact.zip');
    await download(job, artifact, file);
    await eachZipEntry(file, visit, atOnce);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function download(job: Job, artifact: ArtifactLocation, file: string): Promise<void> {
  const { Body } = await explain(
    job.client(S3Client).send(new GetObjectCommand({ Bucket: artifact.bucket, Key: artifact.key })),
    bucketFailure(roleOf(job), artifact.bucket),
  );
  await pipeline(Body as Readable, createWriteStream(file, { mode: 0o600 }));
}

/** A text file of an input artifact. @throws ActionFailure when there is none, or it is too long */
export async function artifactText(job: Job, artifact: Artifact, path: string): Promise<string> {
  const found = await findArtifactText(job, artifact, path);
  if (found !== undefined) return found;
  throw new ActionFailure(
    'ConfigurationError',
    `File [${path}] does not exist in artifact [${artifact.name}]`,
  );
}

export async function findArtifactText(
  job: Job,
  artifact: Artifact,
  path: string,
): Promise<string | undefined> {
  const wanted = path.replace(/^(\.?\/)+/, '');
  let text: string | undefined;
  await eachArtifactFile(job, artifact, async (entry) => {
    if (entry.name === wanted) text = await textOf(entry, artifact);
  });
  return text;
}

async function textOf(entry: ZipEntry, artifact: Artifact): Promise<string> {
  const read = await readSome(await entry.open(), limits.artifactTextBytes);
  if ('all' in read) return read.all.toString('utf8');
  await read.stream.return(undefined);
  throw new ActionFailure(
    'ConfigurationError',
    `File [${entry.name}] in artifact [${artifact.name}] is larger than ${limits.artifactTextBytes} bytes`,
  );
}

/** `Artifact::path`, as configurations name a file of an input artifact. @throws ActionFailure for what is none */
export function artifactFile(job: Job, text: string): { artifact: Artifact; path: string } {
  const at = text.indexOf('::');
  const name = text.slice(0, at);
  const path = text.slice(at + 2);
  if (at < 1 || !path)
    throw new ActionFailure(
      'ConfigurationError',
      `'${text}' does not name a file of an input artifact, as ARTIFACT::PATH`,
    );
  return { artifact: inputNamed(job, name), path };
}

export function inputNamed(job: Job, name: string): Artifact {
  const artifact = job.run.input.inputArtifacts.find((input) => input.name === name);
  if (artifact) return artifact;
  throw new ActionFailure(
    'ConfigurationError',
    `The artifact '${name}' is not an input artifact of action '${job.run.actionName}'`,
  );
}

/** The text of the file that `Artifact::path` names. */
export function artifactFileText(job: Job, text: string): Promise<string> {
  const { artifact, path } = artifactFile(job, text);
  return artifactText(job, artifact, path);
}

/** Puts these files into an output artifact. */
export async function writeArtifact(
  job: Job,
  artifact: ArtifactLocation,
  files: Record<string, string>,
): Promise<void> {
  const zip = new ZipFile();
  // The same bytes whenever it is made again.
  const mtime = new Date(job.run.startTime);
  for (const [name, text] of Object.entries(files))
    zip.addBuffer(Buffer.from(text), name, { mtime });
  zip.end();
  await explain(
    job.client(S3Client).send(
      new PutObjectCommand({
        ...{ Bucket: artifact.bucket, Key: artifact.key, ContentType: 'application/zip' },
        Body: await buffer(zip.outputStream),
        ...storeEncryption(job.store),
      }),
    ),
    bucketFailure(roleOf(job), artifact.bucket),
  );
}
