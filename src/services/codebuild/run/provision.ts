import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogsLocation } from '@aws-sdk/client-codebuild';
import { isAwsError } from '../../../aws/errors.ts';
import {
  CannotRun,
  type Capability,
  ComputeAway,
  ImagePullError,
} from '../../../executors/executor.ts';
import { COMPUTE } from '../limits.ts';
import { partitionOf } from '../model/build-draft.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { noteWork } from '../model/commands.ts';
import { logConsoleUrl, objectConsoleUrl } from '../model/console.ts';
import { sessionTargetOf } from '../model/debug.ts';
import { vpcOf } from '../model/fleet.ts';
import { imageFor } from '../model/images.ts';
import { mountsOf, networkOf } from '../model/places.ts';
import { s3Arn } from '../model/s3-location.ts';
import { s3LogPlace } from '../model/s3-log.ts';
import { buildKey, LEFTOVERS } from '../reconcilers/names.ts';
import { StepEnded } from './bounds.ts';
import { layersMount } from './local-caches.ts';
import { registryCredentials } from './registry-credentials.ts';
import { clientOf, commit, commitPhase, type Session, uuidOf } from './session.ts';
import { workId } from './work-place.ts';

const GIB = 1024 ** 3;
/** The place that AWS's images and people's buildspecs know. */
const ROOT = '/codebuild';

/** PROVISIONING: a log and a place to run. */
export async function provision(session: Session): Promise<void> {
  const { platform, stored } = session;
  // Both, whatever happens to one: what was begun must not go on behind a phase that has failed.
  const [place, logs] = await Promise.allSettled([preparePlace(session), makeLog(session)]);
  if (logs.status === 'rejected') throw logs.reason;
  if (place.status === 'rejected') throw place.reason;
  const now = platform.clock.now();
  await commitPhase(
    session,
    { status: 'SUCCEEDED', at: now },
    {
      run: { deadline: now.getTime() + stored.inputs.timeoutInMinutes * 60_000 },
      amend: (build) => ({
        ...build,
        logs: { ...build.logs, ...logs.value },
        ...(build.debugSession && {
          debugSession: { ...build.debugSession, sessionTarget: sessionTargetOf(stored.id) },
        }),
      }),
    },
  );
}

async function preparePlace(session: Session): Promise<void> {
  const { platform, stored } = session;
  const { environment, fleet } = stored.inputs;
  const { memoryGiB, cpus } = fleet?.compute ?? COMPUTE[environment.computeType ?? ''] ?? {};
  const credentials = await registryCredentials(session);
  const layers = await layersMount(session);
  const { fileSystemLocations = [] } = stored.inputs;
  const mounts = [...mountsOf(fileSystemLocations, stored), ...(layers ? [layers] : [])];
  const network = networkOf(vpcOf(stored.inputs), stored);
  try {
    const handle = await platform.executors.prepare({
      id: workId(stored),
      command: (root) => ['/bin/sh', `${root}/slipway/driver.sh`],
      environment: {},
      image: imageFor(platform.config.images, environment.image ?? ''),
      ...(credentials && { registryCredentials: credentials }),
      rootDirectory: ROOT,
      ...(memoryGiB !== undefined && { memoryBytes: memoryGiB * GIB }),
      ...(cpus !== undefined && { cpus }),
      ...(environment.privilegedMode && { privileged: true }),
      ...(mounts.length > 0 && { mounts }),
      ...(network && { network }),
      labels: { 'slipway.build': stored.build.arn ?? stored.id },
    });
    const { root, state } = await platform.executors.attach(handle);
    if (state === 'absent')
      throw new ComputeAway('what runs the build says that its place is not there');
    await keepPlace(session, { handle, root });
  } catch (error) {
    if (error instanceof CannotRun) throw new PhaseFailure('CLIENT_ERROR', cannotRun(error));
    if (!(error instanceof ImagePullError)) throw error;
    throw new PhaseFailure(
      'BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE',
      `Unable to pull customer's container image. CannotPullContainerError: ${error.message}`,
    );
  }
}

/** Committed at once: it is cleared away whatever becomes of the log. */
async function keepPlace(session: Session, place: { handle: string; root: string }): Promise<void> {
  const { platform, work, signal } = session;
  const kept =
    !signal.aborted && (await commit(session, (draft) => noteWork(draft, work, { run: place })));
  if (kept) return;
  // The build was stopped meanwhile, and may be over.
  const key = buildKey(session.stored, session.stored.id);
  await platform.transaction((tx) => platform.engine.wake(tx, LEFTOVERS, key));
  signal.throwIfAborted();
  throw new StepEnded('the build has moved on');
}

/** What a project names that takes an executor of another kind. */
const MEMBERS: Partial<Record<Capability, string>> = {
  privileged: 'privilegedMode',
  mounts: 'fileSystemLocations',
  network: 'vpcConfig',
};

function cannotRun({ missing, message }: CannotRun): string {
  const [first = 'privileged'] = missing;
  return `${MEMBERS[first] ?? first} needs an executor that has it, such as Docker: ${message}`;
}

/** Group and stream, made under the service role (CB-E1); undefined when the project wants no log there. */
async function makeLog(session: Session): Promise<LogsLocation> {
  const { stored } = session;
  const config = stored.inputs.logsConfig?.cloudWatchLogs;
  const inS3 = s3LogOf(session);
  if (config?.status === 'DISABLED') return inS3;
  const logGroupName = config?.groupName ?? `/aws/codebuild/${stored.build.projectName}`;
  const uuid = uuidOf(stored);
  const logStreamName = config?.streamName ? `${config.streamName}/${uuid}` : uuid;
  const logs = clientOf(session, CloudWatchLogsClient);
  try {
    await createStream(logs, logGroupName, logStreamName);
  } catch (error) {
    throw logFailure(session, error as Error);
  }
  const { accountId, region } = stored;
  return {
    ...inS3,
    groupName: logGroupName,
    streamName: logStreamName,
    deepLink: logConsoleUrl(session.platform.serverEndpoint(), region, logGroupName, logStreamName),
    cloudWatchLogsArn: `arn:${partitionOf(stored)}:logs:${region}:${accountId}:log-group:${logGroupName}:log-stream:${logStreamName}`,
  };
}

/** Where the log will be in S3, if there. */
function s3LogOf(session: Session): LogsLocation {
  const { platform, stored } = session;
  const place = s3LogPlace(stored.inputs.logsConfig?.s3Logs, uuidOf(stored));
  if (!place) return {};
  return {
    s3LogsArn: s3Arn(partitionOf(stored), place),
    s3DeepLink: objectConsoleUrl(platform.serverEndpoint(), stored.region, place),
  };
}

async function createStream(
  logs: CloudWatchLogsClient,
  logGroupName: string,
  logStreamName: string,
): Promise<void> {
  const stream = new CreateLogStreamCommand({ logGroupName, logStreamName });
  try {
    await unlessExists(logs.send(stream));
  } catch (error) {
    if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
    await unlessExists(logs.send(new CreateLogGroupCommand({ logGroupName })));
    await unlessExists(logs.send(stream));
  }
}

async function unlessExists(call: Promise<unknown>): Promise<void> {
  await call.catch((error) => {
    if (!isAwsError(error, 'ResourceAlreadyExistsException')) throw error;
  });
}

function logFailure({ stored }: Session, error: Error): Error {
  const { inputs, build } = stored;
  if (!/AccessDenied/.test(error.name)) return error;
  if (/sts:AssumeRole/.test(error.message)) {
    return new PhaseFailure(
      'ACCESS_DENIED',
      `CodeBuild is not authorized to perform: sts:AssumeRole on ${inputs.serviceRole}`,
    );
  }
  return new PhaseFailure(
    'ACCESS_DENIED',
    `Service role ${inputs.serviceRole} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build ${build.arn}. Error message: ${error.message}`,
  );
}
