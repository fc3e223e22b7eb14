import type { Build } from '@aws-sdk/client-codebuild';
import { expect, it } from 'vitest';
import type { NewEvent } from '../../../engine/events.ts';
import { phaseChangeEvent, startEvents, stateChangeEvent } from './events.ts';

// Members by the samples of https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html

const OWNER = { accountId: '111122223333', region: 'us-east-1' };
const ARN = 'arn:aws:codebuild:us-east-1:111122223333:build/web:8745a7a9';
const at = (seconds: number) => new Date(Date.UTC(2017, 8, 1, 16, 12, seconds));
const SUBMITTED = {
  phaseType: 'SUBMITTED',
  phaseStatus: 'SUCCEEDED',
  startTime: at(29),
  endTime: at(29),
  durationInSeconds: 0,
} as const;

const BUILD: Build = {
  id: 'web:8745a7a9',
  arn: ARN,
  projectName: 'web',
  buildNumber: 4,
  buildStatus: 'IN_PROGRESS',
  buildComplete: false,
  initiator: 'Mary',
  startTime: at(29),
  currentPhase: 'QUEUED',
  timeoutInMinutes: 60,
  queuedTimeoutInMinutes: 480,
  source: { type: 'S3', location: 'in/web.zip' },
  artifacts: { location: 'arn:aws:s3:::out/web.zip' },
  cache: { type: 'NO_CACHE' },
  environment: {
    type: 'LINUX_CONTAINER',
    image: 'aws/codebuild/standard:5.0',
    computeType: 'BUILD_GENERAL1_SMALL',
    privilegedMode: false,
    imagePullCredentialsType: 'CODEBUILD',
    environmentVariables: [{ name: 'STAGE', type: 'PLAINTEXT', value: 'test' }],
  },
  logs: { deepLink: 'http://here/logs' },
  phases: [SUBMITTED, { phaseType: 'QUEUED', startTime: at(29) }],
};

const ENDED: Build = {
  ...BUILD,
  buildStatus: 'FAILED',
  buildComplete: true,
  currentPhase: 'COMPLETED',
  sourceVersion: 'v1',
  artifacts: { location: 'arn:aws:s3:::out/web.zip', md5sum: 'da9c', sha256sum: '6ccc' },
  logs: { groupName: '/aws/codebuild/web', streamName: '8745a7a9', deepLink: 'http://here/log' },
  phases: [
    SUBMITTED,
    {
      phaseType: 'BUILD',
      phaseStatus: 'FAILED',
      startTime: at(30),
      endTime: at(66),
      durationInSeconds: 36,
      contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: 'Error while executing' }],
    },
    {
      phaseType: 'FINALIZING',
      phaseStatus: 'SUCCEEDED',
      startTime: at(66),
      endTime: at(66),
      durationInSeconds: 0,
    },
    { phaseType: 'COMPLETED', startTime: at(66) },
  ],
};

const informationOf = ({ detail }: NewEvent) =>
  detail['additional-information'] as Record<string, unknown>;

it('CB-K1: the end of a build, whole', () => {
  expect(stateChangeEvent(OWNER, ENDED)).toEqual({
    'detail-type': 'CodeBuild Build State Change',
    source: 'aws.codebuild',
    account: '111122223333',
    region: 'us-east-1',
    resources: [ARN],
    detail: {
      'build-status': 'FAILED',
      'project-name': 'web',
      'build-id': ARN,
      'additional-information': {
        cache: { type: 'NO_CACHE' },
        'build-number': 4,
        'timeout-in-minutes': 60,
        'build-complete': true,
        initiator: 'Mary',
        'build-start-time': 'Sep 1, 2017 4:12:29 PM',
        source: { location: 'in/web.zip', type: 'S3' },
        'source-version': 'v1',
        artifact: { md5sum: 'da9c', sha256sum: '6ccc', location: 'arn:aws:s3:::out/web.zip' },
        environment: {
          image: 'aws/codebuild/standard:5.0',
          'privileged-mode': false,
          'image-pull-credentials-type': 'CODEBUILD',
          'compute-type': 'BUILD_GENERAL1_SMALL',
          type: 'LINUX_CONTAINER',
          'environment-variables': [{ name: 'STAGE', type: 'PLAINTEXT', value: 'test' }],
        },
        'project-file-system-locations': [],
        logs: {
          'group-name': '/aws/codebuild/web',
          'stream-name': '8745a7a9',
          'deep-link': 'http://here/log',
        },
        phases: [
          {
            'phase-context': [],
            'start-time': 'Sep 1, 2017 4:12:29 PM',
            'end-time': 'Sep 1, 2017 4:12:29 PM',
            'duration-in-seconds': 0,
            'phase-type': 'SUBMITTED',
            'phase-status': 'SUCCEEDED',
          },
          {
            'phase-context': ['COMMAND_EXECUTION_ERROR: Error while executing'],
            'start-time': 'Sep 1, 2017 4:12:30 PM',
            'end-time': 'Sep 1, 2017 4:13:06 PM',
            'duration-in-seconds': 36,
            'phase-type': 'BUILD',
            'phase-status': 'FAILED',
          },
          {
            'phase-context': [': '],
            'start-time': 'Sep 1, 2017 4:13:06 PM',
            'end-time': 'Sep 1, 2017 4:13:06 PM',
            'duration-in-seconds': 0,
            'phase-type': 'FINALIZING',
            'phase-status': 'SUCCEEDED',
          },
          { 'start-time': 'Sep 1, 2017 4:13:06 PM', 'phase-type': 'COMPLETED' },
        ],
        'queued-timeout-in-minutes': 480,
      },
      'current-phase': 'COMPLETED',
      'current-phase-context': '[: ]',
      version: '1',
    },
  });
});

it('CB-K1, CB-K2: a build begins as SUBMITTED, which is its first phase to end', () => {
  const [started, submitted, ...more] = startEvents(OWNER, BUILD);
  expect(more).toEqual([]);
  expect(started?.detail).toMatchObject({
    'build-status': 'IN_PROGRESS',
    'current-phase': 'SUBMITTED',
    'current-phase-context': '[]',
  });
  expect(started && informationOf(started)).not.toHaveProperty('phases');
  expect(started && informationOf(started).artifact).toEqual({
    location: 'arn:aws:s3:::out/web.zip',
  });
  expect(submitted?.detail).toMatchObject({
    'completed-phase': 'SUBMITTED',
    'completed-phase-context': '[]',
    'completed-phase-status': 'SUCCEEDED',
    'additional-information': { phases: [{ 'phase-type': 'SUBMITTED' }, {}] },
  });
});

it('CB-K2: the end of a phase, with what became of it', () => {
  const [, failed] = ENDED.phases ?? [];
  const { detail, resources, ...event } = phaseChangeEvent(OWNER, ENDED, failed ?? {});
  expect(event['detail-type']).toBe('CodeBuild Build Phase Change');
  expect(resources).toEqual([ARN]);
  expect(detail).toEqual({
    'completed-phase': 'BUILD',
    'project-name': 'web',
    'build-id': ARN,
    'completed-phase-context': '[COMMAND_EXECUTION_ERROR: Error while executing]',
    'additional-information': informationOf(stateChangeEvent(OWNER, ENDED)),
    'completed-phase-status': 'FAILED',
    'completed-phase-duration-seconds': 36,
    version: '1',
    'completed-phase-start': 'Sep 1, 2017 4:12:30 PM',
    'completed-phase-end': 'Sep 1, 2017 4:13:06 PM',
  });
});
