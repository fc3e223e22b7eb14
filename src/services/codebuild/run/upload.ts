import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { finished, pipeline } from 'node:stream/promises';
import type { BuildArtifacts } from '@aws-sdk/client-codebuild';
import { PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { extract } from 'tar-stream';
import { ZipFile } from 'yazl';
import {
  type ArtifactPlan,
  artifactKey,
  planArtifacts,
  type Selection,
  selectFiles,
} from '../model/artifacts.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { makeReports } from './reports.ts';
import { clientOf, commitPhase, type Session, uuidOf } from './session.ts';
import { freshDirectory } from './work-place.ts';

const SYMLINK_MODE = 0o120777;
const FILE_TYPE = 0o100000;

/** One file or link on its way from the work's tree into an artifact. */
interface ArtifactFile {
  name: string;
  mode: number;
  mtime: Date | undefined;
  size: number;
  /** Target of a symbolic link. */
  link?: string;
  body: Readable;
}

/** UPLOAD_ARTIFACTS: what the buildspec names, under the service role. Also after a failed BUILD (CB-A25). */
export async function uploadArtifacts(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { inputs, run } = stored;
  const { plans, missing } = run.spec
    ? planArtifacts(inputs, run.spec)
    : { plans: [], missing: [] };
  const log = [...(run.closingLines ?? []), ...(await makeReports(session))];
  const done: { identifier: string; artifact: BuildArtifacts }[] = [];
  for (const plan of plans) {
    done.push({ identifier: plan.identifier, artifact: await uploadOne(session, plan, log) });
  }
  if (missing.length > 0) {
    throw new PhaseFailure(
      'CLIENT_ERROR',
      `No secondary artifact of that name in the buildspec: ${missing.join(', ')}`,
    );
  }
  await commitPhase(
    session,
    { status: 'SUCCEEDED', at: platform.clock.now() },
    {
      run: { closingLines: log },
      amend: (build) => ({
        ...build,
        artifacts: done.find(({ identifier }) => identifier === '')?.artifact ?? { location: '' },
        secondaryArtifacts: done.flatMap(({ identifier, artifact }) =>
          identifier === '' ? [] : artifact,
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
  const source = run.sources?.[0]?.directory ?? '';
  const variables = { ...run.variables, CODEBUILD_SRC_DIR: source };
  const selection = selectFiles(plan.spec, source, variables);
  log.push(
    `Expanding base directory path: ${plan.spec.baseDirectory ?? '.'}`,
    'Assembling file list',
  );
  const key = artifactKey(
    plan,
    { projectName: build.projectName ?? '', uuid: uuidOf(stored) },
    run.names ?? {},
  );
  const bucket = (plan.target.location ?? '').replace(/^arn:[^:]+:s3:::/, '');
  const files = filesOf(session, selection, plan, log);
  const zip = plan.target.packaging === 'ZIP' || plan.target.type === 'CODEPIPELINE';
  const sums = await (zip ? uploadZip : uploadFolder)(session, plan, files, { bucket, key }).catch(
    (error) => {
      throw unusableFile(error) ?? error;
    },
  );
  log.push(`Found ${sums.count} file(s)`);
  const { overrideArtifactName, encryptionDisabled, artifactIdentifier } = plan.target;
  return {
    location: `arn:aws:s3:::${bucket}/${key}`,
    ...(sums.md5 && { md5sum: sums.md5, sha256sum: sums.sha256 }),
    ...(overrideArtifactName !== undefined && { overrideArtifactName }),
    ...(encryptionDisabled !== undefined && { encryptionDisabled }),
    ...(artifactIdentifier && { artifactIdentifier }),
  };
}

/** Names that are no UTF-8 and files that nobody may read stay what they are: trying again would never end. */
const UNREADABLE = /^(ENOENT|EACCES|EPERM|ELOOP|ENOTDIR|EISDIR|ENAMETOOLONG|EILSEQ)$/;

function unusableFile({ code = '', path = '', message }: NodeJS.ErrnoException) {
  const reason = UNREADABLE.test(code)
    ? `${code} ${basename(path)}`
    : // yazl's, of names that are something else once `\\` counts as `/`.
      /^(invalid relative path|absolute path|file path cannot end)\b/.test(message) && message;
  return reason
    ? new PhaseFailure('CLIENT_ERROR', `A file cannot be put into the artifact: ${reason}`)
    : undefined;
}

/** The files of an artifact, one at a time: each body must be read before the next is asked for. */
async function* filesOf(
  session: Session,
  selection: Selection,
  plan: ArtifactPlan,
  log: string[],
): AsyncGenerator<ArtifactFile> {
  const { platform, stored } = session;
  const handle = stored.run.handle ?? '';
  const select = (name: string) => selection.nameOf(name) !== undefined;
  const tar = await platform.executor
    .copyOut(handle, selection.directory, select)
    .catch((error) => {
      if (!/ENOENT|leads out|not below/.test(`${error.code} ${error.message}`)) throw error;
      const base = plan.spec.baseDirectory ?? selection.directory;
      throw new PhaseFailure('CLIENT_ERROR', `no matching base directory path found for ${base}`);
    });
  const entries = extract();
  const feeding = pipeline(tar, entries as unknown as NodeJS.WritableStream, {
    signal: session.signal,
  });
  feeding.catch(() => {});
  let count = 0;
  for await (const entry of entries) {
    const { name: path, type, mode = 0o644, mtime, size = 0, linkname } = entry.header;
    const name = selection.nameOf(path);
    if (name === undefined || (type === 'symlink' && !plan.spec.enableSymlinks)) {
      if (name !== undefined) log.push(`Skipping symbolic link ${path}`);
      entry.resume();
      continue;
    }
    count++;
    const body = Readable.from(entry);
    yield { name, mode, mtime, size, body, ...(type === 'symlink' && { link: linkname ?? '' }) };
    if (!body.readableEnded) body.resume();
  }
  await feeding;
  if (count === 0) throw new PhaseFailure('CLIENT_ERROR', 'no matching artifact paths found');
}

interface Uploaded {
  count: number;
  md5?: string;
  sha256?: string;
}

async function uploadZip(
  session: Session,
  plan: ArtifactPlan,
  files: AsyncIterable<ArtifactFile>,
  where: { bucket: string; key: string },
): Promise<Uploaded> {
  const { platform, stored } = session;
  const directory = await freshDirectory(
    platform,
    stored,
    `artifact-${plan.identifier || 'primary'}`,
  );
  const path = join(directory, 'artifact.zip');
  const zip = new ZipFile();
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
  zip: ZipFile,
  { name, mode, mtime, link, body }: ArtifactFile,
): Promise<void> {
  const time = mtime ? { mtime } : {};
  if (link !== undefined) {
    body.resume();
    zip.addBuffer(Buffer.from(link), name, { ...time, mode: SYMLINK_MODE });
    return;
  }
  zip.addReadStream(body, name, { ...time, mode: FILE_TYPE | mode });
  await finished(body, { writable: false });
}

async function uploadFolder(
  session: Session,
  plan: ArtifactPlan,
  files: AsyncIterable<ArtifactFile>,
  { bucket, key }: { bucket: string; key: string },
): Promise<Uploaded> {
  let count = 0;
  for await (const { name, size, link, body } of files) {
    count++;
    if (link !== undefined) continue;
    const Key = key ? `${key}/${name}` : name;
    // An empty stream has no chunk to send.
    const content = size === 0 ? await buffer(body) : body;
    await putObject(session, plan, { Bucket: bucket, Key, Body: content, ContentLength: size }, {});
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
    const { name, message, $metadata } = error as Error & {
      $metadata?: { httpStatusCode?: number };
    };
    const status = $metadata?.httpStatusCode ?? 0;
    if (status < 400 || status >= 500) throw error;
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
