import type { Build, BuildPhase } from '@aws-sdk/client-codebuild';
import type { NewEvent } from '../../../engine/events.ts';
import { defined } from '../../../lib/defined.ts';
import type { Owner } from '../store/tables.ts';

/** What is told of a build that has just been submitted: it is in progress, and its first phase has succeeded. */
export function startEvents(owner: Owner, build: Build): NewEvent[] {
  // AWS tells of it as it was the moment before: no phase has ended yet.
  const submitted = { ...build, currentPhase: 'SUBMITTED', phases: undefined };
  const events = [stateChangeEvent(owner, submitted)];
  const [first] = build.phases ?? [];
  if (first) events.push(phaseChangeEvent(owner, build, first));
  return events;
}

/** `CodeBuild Build State Change` (CB-K1). */
export function stateChangeEvent(owner: Owner, build: Build): NewEvent {
  return {
    ...envelope(owner, build, 'CodeBuild Build State Change'),
    detail: {
      'build-status': build.buildStatus,
      'project-name': build.projectName,
      'build-id': build.arn,
      'additional-information': additionalInformation(build),
      'current-phase': build.currentPhase,
      'current-phase-context': contextText({ phaseType: build.currentPhase }),
      version: '1',
    },
  };
}

/** `CodeBuild Build Phase Change` (CB-K2). */
export function phaseChangeEvent(owner: Owner, build: Build, phase: BuildPhase): NewEvent {
  return {
    ...envelope(owner, build, 'CodeBuild Build Phase Change'),
    detail: {
      'completed-phase': phase.phaseType,
      'project-name': build.projectName,
      'build-id': build.arn,
      'completed-phase-context': contextText(phase),
      'additional-information': additionalInformation(build),
      'completed-phase-status': phase.phaseStatus,
      'completed-phase-duration-seconds': phase.durationInSeconds ?? 0,
      version: '1',
      'completed-phase-start': eventTime(phase.startTime),
      'completed-phase-end': eventTime(phase.endTime),
    },
  };
}

function envelope(
  { accountId, region }: Owner,
  build: Build,
  detailType: string,
): Omit<NewEvent, 'detail'> {
  return {
    'detail-type': detailType,
    source: 'aws.codebuild',
    account: accountId,
    region,
    resources: [build.arn ?? ''],
  };
}

/** What has no value is left out, as on AWS. */
function additionalInformation(build: Build): Record<string, unknown> {
  const { artifacts, cache, logs, phases, source } = build;
  return {
    cache: defined({ type: cache?.type ?? 'NO_CACHE', location: cache?.location }),
    ...defined({ 'build-number': build.buildNumber }),
    'timeout-in-minutes': build.timeoutInMinutes,
    'build-complete': build.buildComplete,
    initiator: build.initiator,
    'build-start-time': eventTime(build.startTime),
    source: defined({
      buildspec: source?.buildspec,
      location: source?.location,
      type: source?.type,
    }),
    ...defined({ 'source-version': build.sourceVersion }),
    artifact: defined({
      md5sum: artifacts?.md5sum,
      sha256sum: artifacts?.sha256sum,
      location: artifacts?.location ?? '',
    }),
    environment: environmentOf(build),
    'project-file-system-locations': build.fileSystemLocations ?? [],
    logs: defined({
      'group-name': logs?.groupName,
      'stream-name': logs?.streamName,
      'deep-link': logs?.deepLink,
    }),
    ...(phases && { phases: phases.map(phaseOf) }),
    'queued-timeout-in-minutes': build.queuedTimeoutInMinutes,
  };
}

function environmentOf({ environment }: Build) {
  return defined({
    image: environment?.image,
    'privileged-mode': environment?.privilegedMode ?? false,
    'image-pull-credentials-type': environment?.imagePullCredentialsType,
    'compute-type': environment?.computeType,
    type: environment?.type,
    'environment-variables': environment?.environmentVariables ?? [],
  });
}

/** A phase that has not ended has nothing but its beginning. */
function phaseOf(phase: BuildPhase) {
  return defined({
    'phase-context': phase.phaseStatus && contextsOf(phase),
    'start-time': eventTime(phase.startTime),
    'end-time': eventTime(phase.endTime),
    'duration-in-seconds': phase.phaseStatus && (phase.durationInSeconds ?? 0),
    'phase-type': phase.phaseType,
    'phase-status': phase.phaseStatus,
  });
}

/** What is told of a phase as text. */
interface Told {
  phaseType?: string | undefined;
  contexts?: BuildPhase['contexts'];
}

/** Phases in which nothing runs yet have no contexts; all others have one, which is empty where there is nothing to say. */
const WITHOUT_CONTEXT = ['SUBMITTED', 'QUEUED'];

/** AWS joins code and message: `COMMAND_EXECUTION_ERROR: Error while …`, `: ` when there is none. */
function contextsOf({ phaseType = '', contexts = [] }: Told): string[] {
  const texts = contexts.map(({ statusCode = '', message = '' }) => `${statusCode}: ${message}`);
  return texts.length > 0 || WITHOUT_CONTEXT.includes(phaseType) ? texts : [': '];
}

/** All contexts of a phase as one text, which is what Java makes of a list. */
function contextText(phase: Told): string {
  return `[${contextsOf(phase).join(', ')}]`;
}

const EVENT_TIME = new Intl.DateTimeFormat('en-US', {
  timeZone: 'UTC',
  month: 'short',
  day: 'numeric',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
});

/** `Sep 1, 2017 4:12:29 PM` */
function eventTime(date: Date | undefined): string | undefined {
  return (
    date &&
    EVENT_TIME.format(date)
      .replace(/(\d{4}),/, '$1')
      .replace(/\u202f/g, ' ')
  );
}
