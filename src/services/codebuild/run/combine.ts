import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildArtifacts, ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { artifactArn, bucketOf } from '../model/artifacts.ts';
import { combinedKey, goesSomewhere } from '../model/batch/child.ts';
import { combined, giveUp } from '../model/batch/commands.ts';
import type { BatchFacts } from '../model/batch/record.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { readS3Location } from '../model/s3-location.ts';
import { settleBatch } from '../reconcilers/batch.ts';
import { batchEndTopic, buildKey } from '../reconcilers/names.ts';
import { findBatch } from '../store/batches.ts';
import { fileObject, keyInFolder, ownersAcl, sealingOf, zipObject } from './artifact-objects.ts';
import { fetchPart, partFiles } from './combined-files.ts';
import { roleClient } from './service-role.ts';
import { failureOf } from './session.ts';
import { zipFiles } from './zip-files.ts';

/** What combining the artifacts of a batch works with. */
interface Combining {
  facts: BatchFacts;
  s3: S3Client;
  /** Of its own; goes at the end. */
  directory: string;
  signal: AbortSignal;
}

/** Puts the artifacts of a batch's builds into one, under the service role of the project (CB-G6). */
export async function combineArtifacts(
  platform: Platform,
  facts: BatchFacts,
  stopped: AbortSignal,
): Promise<void> {
  const key = buildKey(facts, facts.id);
  const settle = (command: Parameters<typeof settleBatch>[3]) =>
    platform.transaction((tx) => settleBatch(platform, tx, key, command));
  const { serviceRole, actor } = facts.inputs.build;
  const directory = join(platform.config.dataDir, 'tmp', 'batches', facts.id.replace(':', '-'));
  const over = new AbortController();
  const ended = whenOver(platform, facts, over.signal).then((is) => is && over.abort());
  const signal = AbortSignal.any([stopped, over.signal]);
  try {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const s3 = roleClient(platform, S3Client, { ...facts, serviceRole, actor });
    const made = await combineAll({ facts, s3, directory, signal });
    await settle((draft) => combined(draft, made));
    // Not before: whoever does it again after a crash needs them.
    for (const location of partsOf(facts)) await removePart(s3, locationOf(location));
  } catch (error) {
    // StopBuildBatch and the batch's time end it, and have said so.
    if (over.signal.aborted) return;
    const failure = stopped.aborted ? undefined : failureOf(error);
    if (!failure) throw error;
    const { code: statusCode, message } = failure;
    await settle((draft) => giveUp(draft, { statusCode, message }));
  } finally {
    over.abort();
    await ended;
    await rm(directory, { recursive: true, force: true });
  }
}

/** Resolves to true when the batch is over before its artifacts are combined. */
function whenOver(
  { engine, db }: Platform,
  facts: BatchFacts,
  signal: AbortSignal,
): Promise<true | undefined> {
  const look = async () => {
    const now = await findBatch(db, facts, facts.id).catch(() => facts);
    return !now || now.slot === 'done' || undefined;
  };
  const until = new Date(facts.run.deadline);
  return engine.heard(batchEndTopic(buildKey(facts, facts.id)), look, { until, signal });
}

async function combineAll(combining: Combining) {
  const { artifacts, secondaryArtifacts } = combining.facts.inputs.build;
  const primary = await combineOne(combining, artifacts, '');
  const secondary: BuildArtifacts[] = [];
  for (const target of secondaryArtifacts) {
    const made = await combineOne(combining, target, target.artifactIdentifier ?? '');
    if (made) secondary.push(made);
  }
  return { primary, secondary };
}

/** One artifact of all builds; undefined where none has it. */
async function combineOne(
  combining: Combining,
  target: ProjectArtifacts,
  identifier: string,
): Promise<BuildArtifacts | undefined> {
  const { facts, s3, directory, signal } = combining;
  const parts = partsOf(facts, identifier);
  if (!goesSomewhere(target) || parts.length === 0) return undefined;
  const files: string[] = [];
  for (const [index, location] of parts.entries()) {
    const path = join(directory, `${files.length}-${index}.zip`);
    await fetchPart(s3, locationOf(location), path, signal);
    files.push(path);
  }
  const key = combinedKey(target, facts.id);
  const zip = target.packaging === 'ZIP' || target.type === 'CODEPIPELINE';
  const sums = await (zip ? putZip : putFolder)(combining, target, key, files);
  return {
    location: artifactArn(facts.inputs.partition, target, key),
    ...sums,
    overrideArtifactName: false,
    encryptionDisabled: target.encryptionDisabled ?? false,
    ...(identifier && { artifactIdentifier: identifier }),
  };
}

/** Where the artifacts of the builds are, in the order of the builds: all of them, or those of this name. */
const partsOf = ({ run }: BatchFacts, name?: string): string[] =>
  run.groups.flatMap(({ uploaded }) =>
    uploaded
      .filter(({ identifier }) => name === undefined || identifier === name)
      .map(({ location }) => location),
  );

function locationOf(arn: string): { Bucket: string; Key: string } {
  const { bucket, key = '' } = readS3Location(arn);
  return { Bucket: bucket, Key: key };
}

async function putZip(
  { facts, s3, directory, signal }: Combining,
  target: ProjectArtifacts,
  Key: string,
  parts: string[],
) {
  const path = join(directory, 'combined.zip');
  await zipFiles(partFiles(parts, signal), path, signal);
  const { input, md5, sha256 } = await zipObject(path, facts.batch.arn ?? '', signal);
  await s3.send(new PutObjectCommand({ ...into(facts, target), Key, ...input }), {
    abortSignal: signal,
  });
  return { md5sum: md5, sha256sum: sha256 };
}

async function putFolder(
  { facts, s3, signal }: Combining,
  target: ProjectArtifacts,
  folder: string,
  parts: string[],
) {
  for await (const file of partFiles(parts, signal)) {
    const { name, link } = file;
    if (link !== undefined)
      throw new PhaseFailure('CLIENT_ERROR', `${name} is a link, which a folder cannot have`);
    const input = await fileObject(file, facts.batch.arn ?? '');
    const Key = keyInFolder(folder, name);
    await s3.send(new PutObjectCommand({ ...into(facts, target), Key, ...input }), {
      abortSignal: signal,
    });
  }
  return { md5sum: '', sha256sum: '' };
}

const into = ({ inputs }: BatchFacts, target: ProjectArtifacts) => ({
  Bucket: bucketOf(target),
  ...sealingOf(target.encryptionDisabled, inputs.build.encryptionKey),
  ...ownersAcl(target.bucketOwnerAccess),
});

/** The parts are of no use any more. A role that may not delete leaves them where they are. */
async function removePart(s3: S3Client, where: { Bucket: string; Key: string }): Promise<void> {
  try {
    await s3.send(new DeleteObjectCommand(where));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}
