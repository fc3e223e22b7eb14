import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { invalidAction } from '../../errors.ts';
import type { Outcome } from '../../model/outcome.ts';
import { defineRuleType, type Job, requiredSetting, ruleFailed, setting } from '../action-type.ts';
import { ActionFailure, describe, explain, isDenied } from '../failure.ts';

const STATES = ['ALARM', 'OK', 'INSUFFICIENT_DATA'];
const MINUTE_MS = 60_000;
const MOST_MINUTES = 24 * 60;

/**
 * An alarm that must not be in any of the states named, at once and for WaitTime (CP-C28). Without a WaitTime it is
 * looked at once.
 */
export const cloudWatchAlarm = defineRuleType({
  provider: 'CloudWatchAlarm',
  inputs: [0, 0],
  timeoutMinutes: MOST_MINUTES + 60,
  configuration: [
    { name: 'AlarmName', required: true, key: true, description: 'The alarm.' },
    {
      name: 'AlarmStates',
      default: 'ALARM',
      description: 'The states that fail the rule, by comma (default ALARM).',
    },
    {
      name: 'WaitTime',
      type: 'Number',
      default: '0',
      description: 'For how many minutes the alarm is watched (default 0).',
    },
  ],
  rules({ name, configuration: { AlarmStates: states = 'ALARM', WaitTime: wait = '0' } }) {
    const wrong = wrongSetting(states, wait);
    if (wrong)
      throw invalidAction(`Action configuration for action '${name}' is invalid: ${wrong}`);
  },
  hears: [
    {
      name: 'alarm-changed',
      pattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
      },
      work: (event) => String(event.detail.alarmName),
    },
  ],
  links: { entity: { console: 'cloudwatch', fragment: '#alarmsV2:alarm/{Config:AlarmName}' } },

  start: (job) => look(job),
  look: (job) => look(job),
});

async function look(job: Job): Promise<Outcome> {
  const name = requiredSetting(job, 'AlarmName');
  const states = setting(job, 'AlarmStates') ?? '';
  const wait = setting(job, 'WaitTime') ?? '';
  const wrong = wrongSetting(states, wait);
  if (wrong) throw new ActionFailure('ConfigurationError', wrong);
  const client = job.client(CloudWatchClient);
  const found = await explain(
    client.send(
      new DescribeAlarmsCommand({
        AlarmNames: [name],
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      }),
    ),
    failure,
  );
  const state = stateOf(found);
  if (state === undefined)
    throw new ActionFailure('ConfigurationError', `The alarm '${name}' does not exist`);
  const progress = { externalExecutionId: name };
  if (listed(states).includes(state))
    return ruleFailed(`The alarm '${name}' is in the state ${state}`, progress);
  const ends = job.run.startTime + Number(wait) * MINUTE_MS;
  return { state: job.now() < ends ? 'running' : 'succeeded', progress };
}

const stateOf = ({ MetricAlarms = [], CompositeAlarms = [] }: DescribeAlarmsCommandOutput) =>
  [...MetricAlarms, ...CompositeAlarms][0]?.StateValue;

const listed = (states: string) => states.split(',').map((state) => state.trim());

function wrongSetting(states: string, wait: string): string | undefined {
  if (!states.includes('#{')) {
    const strange = listed(states).find((state) => !STATES.includes(state));
    if (strange !== undefined) return `'${strange}' is not a state of alarms`;
  }
  if (wait.includes('#{')) return undefined;
  const isMinutes = /^\d{1,4}$/.test(wait) && Number(wait) <= MOST_MINUTES;
  return isMinutes ? undefined : `WaitTime must be a number of minutes up to ${MOST_MINUTES}`;
}

const failure = (error: Error) => ({
  code: isDenied(error) ? ('PermissionError' as const) : ('ConfigurationError' as const),
  message: `Error calling describeAlarms: ${describe(error, 'AmazonCloudWatch')}`,
});
