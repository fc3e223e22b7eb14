import { basename } from 'node:path';
import type { BuildArtifacts } from '@aws-sdk/client-codebuild';
import { append } from '../../../lib/append.ts';
import {
  type ArtifactPlan,
  artifactArn,
  artifactKey,
  bucketOf,
  planArtifacts,
} from '../model/artifacts.ts';
import { partitionOf } from '../model/build-draft.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { ownersAcl, sealingOf } from './artifact-objects.ts';
import { saveCache } from './cache.ts';
import { putFolder, putZip } from './put-files.ts';
import { makeReports } from './reports.ts';
import { commitChange, commitPhase, failureOf, type Session, uuidOf } from './session.ts';
import { type WorkFile, workFiles } from './work-files.ts';

/** Stands in texts for bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd';

/** UPLOAD_ARTIFACTS: what the buildspec names, under the service role. Also after a failed BUILD (CB-A25). */
export async function uploadArtifacts(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { inputs, run } = stored;
  const { plans, missing } = run.spec
    ? planArtifacts(inputs, run.spec)
    : { plans: [], missing: [] };
  const log = [...(run.closingLines ?? []), ...(await saveCache(session, run.spec))];
  append(log, await makeReports(session));
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
  const { encryptionDisabled, bucketOwnerAccess } = plan.target;
  const sums = await (zip ? putZip : putFolder)(session, files, {
    ...{ bucket, key },
    sealing: {
      ...sealingOf(encryptionDisabled, stored.inputs.encryptionKey),
      ...ownersAcl(bucketOwnerAccess),
    },
    what: { text: 'artifacts', place: `artifact-${plan.identifier || 'primary'}` },
  }).catch((error) => {
    throw unusableFile(error) ?? error;
  });
  log.push(`Found ${sums.count} file(s)`);
  const { overrideArtifactName, artifactIdentifier } = plan.target;
  return {
    location: artifactArn(partitionOf(session.stored), plan.target, key),
    md5sum: sums.md5 ?? '',
    sha256sum: sums.sha256 ?? '',
    overrideArtifactName: overrideArtifactName ?? false,
    encryptionDisabled: encryptionDisabled ?? false,
    ...(bucketOwnerAccess && { bucketOwnerAccess }),
    ...(artifactIdentifier && { artifactIdentifier }),
  };
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
