import { countEvents, measures } from '../../../kit/service-metrics.ts';

/** An event's build, as far as it is measured (`model/events.ts`). */
interface Told {
  'build-status': string;
  'project-name': string;
  'additional-information': {
    'build-start-time'?: string;
    phases: { 'phase-type': string; 'duration-in-seconds'?: number }[];
  };
}

const FAILED = ['FAILED', 'FAULT', 'TIMED_OUT'];

/** https://docs.aws.amazon.com/codebuild/latest/userguide/cloudwatch_metrics-codebuild.html */
export const buildMetrics = countEvents({
  service: 'codebuild',
  namespace: 'AWS/CodeBuild',
  pattern: {
    'detail-type': ['CodeBuild Build State Change'],
    detail: { 'build-status': ['IN_PROGRESS', 'SUCCEEDED', 'STOPPED', ...FAILED] },
  },
  measure(event) {
    const { detail } = event as unknown as { detail: Told };
    const project = { ProjectName: detail['project-name'] };
    const status = detail['build-status'];
    const count = (name: string) => measures(event, name, 1, 'Count', project);
    if (status === 'IN_PROGRESS') return count('Builds');
    const { phases, 'build-start-time': start } = detail['additional-information'];
    const seconds = (name: string, value: number | undefined) =>
      value === undefined ? [] : measures(event, name, value, 'Seconds', project);
    const whole = start && (Date.parse(event.time) - Date.parse(`${start} UTC`)) / 1000;
    return [
      ...(status === 'SUCCEEDED' ? count('SucceededBuilds') : []),
      ...(FAILED.includes(status) ? count('FailedBuilds') : []),
      ...seconds('Duration', whole ? Math.max(0, whole) : undefined),
      ...phases.flatMap((phase) =>
        seconds(`${pascal(phase['phase-type'])}Duration`, phase['duration-in-seconds']),
      ),
    ];
  },
});

/** `DOWNLOAD_SOURCE` as `DownloadSource`. */
const pascal = (phase: string) =>
  phase
    .split('_')
    .map((word) => `${word.charAt(0)}${word.slice(1).toLowerCase()}`)
    .join('');
