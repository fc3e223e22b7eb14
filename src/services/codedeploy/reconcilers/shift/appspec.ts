import type { Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readSome } from '../../../../lib/read-some.ts';
import { problemText, readShiftSpec, type ShiftSpec } from '../../model/appspec/shift-spec.ts';
import * as messages from '../../model/messages.ts';
import { bareETag } from '../../model/revision.ts';
import { findRevision } from '../../store/revisions.ts';
import { asked, type Outside, Refused } from './driver.ts';

/** Far longer than any AppSpec. */
const MOST_BYTES = 256 * 1024;

/** The AppSpec of a deployment's revision. @throws Refused with what is wrong, and where in the file */
export async function appSpecOf(outside: Outside): Promise<ShiftSpec> {
  const { name, text } = await textOf(outside);
  const { platform } = outside.shift;
  const { spec, problems } = readShiftSpec(text, { name, platform });
  if (spec) return spec;
  const reason = problems.slice(0, 5).map(problemText).join(' ');
  throw new Refused('INVALID_REVISION', messages.badAppSpec(reason));
}

async function textOf(outside: Outside): Promise<{ name: string; text: string }> {
  const { deployment, platform } = outside;
  const { revision, applicationId } = deployment;
  const { bundleType } = revision.s3Location ?? {};
  if (revision.s3Location)
    return {
      name: `appspec.${bundleType === 'JSON' ? 'json' : 'yaml'}`,
      text: await objectOf(outside),
    };
  // A deployment shows no content; the revision has it.
  const registered = await findRevision(platform.db, applicationId, revision);
  const { content } = registered?.location.appSpecContent ?? registered?.location.string ?? {};
  if (content === undefined) throw new Refused('REVISION_MISSING', messages.NO_APPSPEC);
  return { name: 'appspec.yaml', text: content };
}

async function objectOf(outside: Outside): Promise<string> {
  const { bucket: Bucket, key: Key, version, eTag } = outside.deployment.revision.s3Location ?? {};
  const s3 = outside.client(S3Client);
  const object = { Bucket, Key, ...(version && { VersionId: version }) };
  const { Body, ETag } = await asked(
    outside,
    { service: 'AmazonS3', code: 'REVISION_MISSING' },
    s3.send(new GetObjectCommand(object)),
  );
  const body = Body as Readable;
  const read = await readSome(body, MOST_BYTES);
  if (!('all' in read)) {
    await read.stream.return(undefined);
    body.destroy();
    throw new Refused(
      'INVALID_REVISION',
      messages.badAppSpec(`It is longer than ${MOST_BYTES} bytes.`),
    );
  }
  if (eTag && bareETag(ETag) !== bareETag(eTag))
    throw new Refused('INVALID_REVISION', messages.otherETag(bareETag(eTag), bareETag(ETag)));
  return read.all.toString('utf8');
}
