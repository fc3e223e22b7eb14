import { join } from 'node:path';
import { PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { isRefusal } from '../../../lib/refusal.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { fileObject, keyInFolder, type Sealing, zipObject } from './artifact-objects.ts';
import { clientOf, type Session } from './session.ts';
import { freshDirectory } from './work-place.ts';
import { type ArtifactFile, zipFiles } from './zip-files.ts';

/** Where a build's files go in S3, and how. */
export interface Destination {
  bucket: string;
  /** Of the ZIP file, or of the folder: empty is the bucket's root. */
  key: string;
  sealing: Sealing;
  /** Account number of who must own the bucket. */
  bucketOwner?: string;
  /** What is uploaded: for an error's text, and the name of what lies on the disk meanwhile. */
  what: { text: string; place: string };
}

export interface Uploaded {
  count: number;
  md5?: string;
  sha256?: string;
}

/** @throws PhaseFailure when S3 refuses */
export async function putZip(
  session: Session,
  files: AsyncIterable<ArtifactFile>,
  destination: Destination,
): Promise<Uploaded> {
  const { platform, stored, signal } = session;
  const directory = await freshDirectory(platform, stored, destination.what.place);
  const path = join(directory, 'artifact.zip');
  const count = await zipFiles(files, path, signal);
  const { input, ...sums } = await zipObject(path, stored.build.arn ?? '', signal);
  await putObject(session, destination, { Key: destination.key, ...input });
  return { count, ...sums };
}

/** Each file by itself. @throws PhaseFailure when S3 refuses */
export async function putFolder(
  session: Session,
  files: AsyncIterable<ArtifactFile>,
  destination: Destination,
): Promise<Uploaded> {
  let count = 0;
  for await (const file of files) {
    count++;
    const Key = keyInFolder(destination.key, file.name);
    const input = await fileObject(file, session.stored.build.arn ?? '');
    await putObject(session, destination, { Key, ...input });
  }
  return { count };
}

async function putObject(
  session: Session,
  { bucket, sealing, bucketOwner, what }: Destination,
  object: Omit<PutObjectCommandInput, 'Bucket'>,
): Promise<void> {
  const owner = bucketOwner === undefined ? {} : { ExpectedBucketOwner: bucketOwner };
  try {
    await clientOf(session, S3Client).send(
      new PutObjectCommand({ ...object, ...sealing, ...owner, Bucket: bucket }),
      { abortSignal: session.signal },
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { name, message } = error;
    throw new PhaseFailure('CLIENT_ERROR', `Failed to upload ${what.text}: ${name}: ${message}`);
  }
}
