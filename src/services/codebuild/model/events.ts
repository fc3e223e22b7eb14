import type { Build, BuildPhase } from '@aws-sdk/client-codebuild';
import type { NewEvent } from '../../../engine/events.ts';
import type { Owner } from '../tables.ts';

/** `CodeBuild Build State Change` (CB-K1). */
export function stateChangeEvent(owner: Owner, build: Build): NewEvent {
  const current = build.phases?.at(-1);
  return {
    ...envelope(owner, build, 'CodeBuild Build State Change'),
    detail: {
      'build-status': build.buildStatus,
      'project-name': build.projectName,
      'build-id': build.arn,
      'additional-information': additionalInformation(build),
      'current-phase': build.currentPhase,
      'current-phase-context': contextText(current),
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
      'completed-phase-duration-seconds': phase.durationInSeconds,
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

function additionalInformation(build: Build): Record<string, unknown> {
  const { artifacts, environment, logs, source } = build;
  return {
    artifact: {
      md5sum: artifacts?.md5sum ?? '',
      sha256sum: artifacts?.sha256sum ?? '',
      location: artifacts?.location ?? '',
    },
    environment: {
      image: environment?.image,
      'privileged-mode': environment?.privilegedMode ?? false,
      'compute-type': environment?.computeType,
      type: environment?.type,
      'environment-variables': environment?.environmentVariables ?? [],
    },
    'timeout-in-minutes': build.timeoutInMinutes,
    'build-complete': build.buildComplete,
    initiator: build.initiator,
    'build-start-time': eventTime(build.startTime),
    source: { location: source?.location, type: source?.type },
    ...(build.sourceVersion && { 'source-version': build.sourceVersion }),
    logs: {
      'group-name': logs?.groupName,
      'stream-name': logs?.streamName,
      'deep-link': logs?.deepLink,
    },
    phases: (build.phases ?? []).map((phase) => ({
      'phase-context': contextText(phase),
      'start-time': eventTime(phase.startTime),
      'end-time': eventTime(phase.endTime),
      'duration-in-seconds': phase.durationInSeconds,
      'phase-type': phase.phaseType,
      'phase-status': phase.phaseStatus,
    })),
  };
}

/** AWS joins code and message: `[COMMAND_EXECUTION_ERROR: Error while …]`, `[: ]` when there is none. */
function contextText(phase: BuildPhase | undefined): string[] {
  const [context] = phase?.contexts ?? [];
  return [`${context?.statusCode ?? ''}: ${context?.message ?? ''}`];
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
