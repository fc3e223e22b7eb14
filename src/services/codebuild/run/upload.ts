import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import type { Build, BuildArtifacts } from '@aws-sdk/client-codebuild';
import { PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { LinuxZipFile } from '../../../lib/linux-zip-file.ts';
import { mediaTypeOf } from '../../../lib/media-types.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import {
  type ArtifactPlan,
  artifactArn,
  artifactKey,
  bucketOf,
  planArtifacts,
} from '../model/artifacts.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { makeReports } from './reports.ts';
import { clientOf, commitChange, commitPhase, failureOf, type Session, uuidOf } from './session.ts';
import { type WorkFile, workFiles } from './work-files.ts';
import { freshDirectory } from './work-place.ts';

const SYMLINK_MODE = 0o120777;
const FILE_TYPE = 0o100000;
/** Stands in texts for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** UPLOAD_ARTIFACTS: what the buildspec names, under the service role. Also after a failed BUILD (CB-A25). */
export async function uploadArtifacts(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { inputs, run } = stored;
  const { plans, missing } = run.spec
    ? planArtifacts(inputs, run.spec)
    : { plans: [], missing: [] };
  const log = [...(run.closingLines ?? []), ...(await makeReports(session))];
  const done: { identifier: string; artifact: BuildArtifacts }[] = [];
  try {
    for (const plan of plans) {
      done.push({ identifier: plan.identifier, artifact: await uploadOne(session, plan, log) });
    }
    if (missing.length > 0) {
      throw new PhaseFailure(
        'CLIENT_ERROR',
        `No secondary artifact of that name in the buildspec: ${missing.join(', ')}`,
      );
    }
  } catch (error) {
    // What leads to the failure is in the log too.
    if (failureOf(error)) await commitChange(session, { run: { closingLines: log } });
    throw error;
  }
  await commitPhase(
    session,
    { status: 'SUCCEEDED', at: platform.clock.now() },
    {
      run: { closingLines: log },
      amend: (build) => ({
        ...build,
        artifacts: done.find(({ identifier }) => identifier === '')?.artifact ?? build.artifacts,
        secondaryArtifacts: (build.secondaryArtifacts ?? []).map(
          (each) =>
            done.find(({ identifier }) => identifier === each.artifactIdentifier)?.artifact ?? each,
        ),
      }),
    },
  );
}

async function uploadOne(
  session: Session,
  plan: ArtifactPlan,
  log: string[],
): Promise<BuildArtifacts> {
  const { stored } = session;
  const { run, build } = stored;
  const key = artifactKey(
    plan,
    { projectName: build.projectName ?? '', uuid: uuidOf(stored) },
    run.names ?? {},
  );
  const bucket = bucketOf(plan.target);
  const zip = plan.target.packaging === 'ZIP' || plan.target.type === 'CODEPIPELINE';
  // Only a ZIP file can hold a link.
  const links = zip && plan.spec.enableSymlinks ? 'keep' : 'follow';
  const files = artifactFiles(workFiles(session, plan.spec, links, log), log);
  const sums = await (zip ? uploadZip : uploadFolder)(session, plan, files, { bucket, key }).catch(
    (error) => {
      throw unusableFile(error) ?? error;
    },
  );
  log.push(`Found ${sums.count} file(s)`);
  const { overrideArtifactName, encryptionDisabled, artifactIdentifier } = plan.target;
  return {
    location: artifactArn(partitionOf(build), plan.target, key),
    md5sum: sums.md5 ?? '',
    sha256sum: sums.sha256 ?? '',
    overrideArtifactName: overrideArtifactName ?? false,
    encryptionDisabled: encryptionDisabled ?? false,
    ...(artifactIdentifier && { artifactIdentifier }),
  };
}

function partitionOf({ arn = '' }: Build): string {
  return arn.split(':')[1] ?? 'aws';
}

/** Names that are no UTF-8 and files that nobody may read stay what they are: trying again would never end. */
const UNREADABLE = /^(ENOENT|EACCES|EPERM|ELOOP|ENOTDIR|EISDIR|ENAMETOOLONG|EILSEQ)$/;

function unusableFile({ code = '', errno, path = '', message }: NodeJS.ErrnoException) {
  if (!UNREADABLE.test(code)) return undefined;
  const reason = errno === undefined ? message : `${code} ${basename(path)}`;
  return new PhaseFailure('CLIENT_ERROR', `A file cannot be put into the artifact: ${reason}`);
}

/** Each name of an artifact once; the first file that comes to it has it. @throws PhaseFailure when there is no file */
async function* artifactFiles(
  files: AsyncIterable<WorkFile>,
  log: string[],
): AsyncGenerator<WorkFile> {
  const names = new Set<string>();
  for await (const file of files) {
    const { name } = file;
    // What the name really is has been lost on the way here: better no artifact than a file of another name.
    if (name.includes(REPLACEMENT))
      throw Object.assign(new Error(`the name ${name} is not UTF-8`), { code: 'EILSEQ' });
    if (names.has(name)) {
      log.push(`Skipping ${file.path}: the artifact has a file ${name} already`);
      continue;
    }
    names.add(name);
    yield file;
  }
  if (names.size === 0) throw new PhaseFailure('CLIENT_ERROR', 'no matching artifact paths found');
}

interface Uploaded {
  count: number;
  md5?: string;
  sha256?: string;
}

async function uploadZip(
  session: Session,
  plan: ArtifactPlan,
  files: AsyncIterable<WorkFile>,
  where: { bucket: string; key: string },
): Promise<Uploaded> {
  const { platform, stored } = session;
  const directory = await freshDirectory(
    platform,
    stored,
    `artifact-${plan.identifier || 'primary'}`,
  );
  const path = join(directory, 'artifact.zip');
  const zip = new LinuxZipFile();
  const writing = pipeline(zip.outputStream, createWriteStream(path, { mode: 0o600 }), {
    signal: session.signal,
  });
  writing.catch(() => {});
  let count = 0;
  try {
    for await (const file of files) {
      count++;
      await addToZip(zip, file);
    }
  } catch (error) {
    zip.outputStream.unpipe();
    throw error;
  }
  zip.end();
  await writing;
  const [md5, sha256] = await digests(path, session.signal);
  const body = {
    Body: createReadStream(path),
    ContentLength: (await stat(path)).size,
    ContentType: 'application/zip',
  };
  await putObject(
    session,
    plan,
    { Bucket: where.bucket, Key: where.key, ...body },
    {
      'codebuild-content-md5': md5,
      'codebuild-content-sha256': sha256,
    },
  );
  return { count, md5, sha256 };
}

async function addToZip(
  zip: LinuxZipFile,
  { name, mode, mtime, size, link, body }: WorkFile,
): Promise<void> {
  const time = mtime ? { mtime } : {};
  if (link !== undefined) {
    body.resume();
    zip.addBuffer(Buffer.from(link), name, { ...time, mode: SYMLINK_MODE });
    return;
  }
  if (size === 0) {
    body.resume();
    zip.addBuffer(Buffer.alloc(0), name, { ...time, mode: FILE_TYPE | mode, compress: false });
    return;
  }
  zip.addReadStream(body, name, { ...time, mode: FILE_TYPE | mode });
  await finished(body, { writable: false });
}

async function uploadFolder(
  session: Session,
  plan: ArtifactPlan,
  files: AsyncIterable<WorkFile>,
  { bucket, key }: { bucket: string; key: string },
): Promise<Uploaded> {
  let count = 0;
  for await (const { name, size, body } of files) {
    count++;
    const ContentType = mediaTypeOf(name);
    const Key = key ? `${key}/${name}` : name;
    // An empty stream has no chunk to send.
    const content = size === 0 ? await buffer(body) : body;
    await putObject(
      session,
      plan,
      {
        Bucket: bucket,
        Key,
        Body: content,
        ContentLength: size,
        ...(ContentType && { ContentType }),
      },
      {},
    );
  }
  return { count };
}

async function putObject(
  session: Session,
  { target }: ArtifactPlan,
  object: PutObjectCommandInput,
  metadata: Record<string, string>,
): Promise<void> {
  const { stored } = session;
  const { encryptionKey } = stored.inputs;
  const encryption: Partial<PutObjectCommandInput> = target.encryptionDisabled
    ? {}
    : {
        ServerSideEncryption: 'aws:kms',
        // S3 uses its default key when none is named.
        ...(!/alias\/aws\/s3$/.test(encryptionKey) && { SSEKMSKeyId: encryptionKey }),
      };
  const Metadata = { ...metadata, 'codebuild-buildarn': stored.build.arn ?? '' };
  try {
    await clientOf(session, S3Client).send(
      new PutObjectCommand({ ...object, ...encryption, Metadata }),
      { abortSignal: session.signal },
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { name, message } = error;
    throw new PhaseFailure('CLIENT_ERROR', `Failed to upload artifacts: ${name}: ${message}`);
  }
}

async function digests(path: string, signal: AbortSignal): Promise<[string, string]> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) {
    md5.update(chunk);
    sha256.update(chunk);
  }
  return [md5.digest('hex'), sha256.digest('hex')];
}
