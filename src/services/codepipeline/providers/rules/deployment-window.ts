import { nextOfCron, parseCron } from '../../../../kit/schedule/cron.ts';
import { ScheduleError } from '../../../../kit/schedule/errors.ts';
import { isZone } from '../../../../kit/schedule/zone.ts';
import { invalidAction } from '../../errors.ts';
import { defineRuleType, requiredSetting, ruleFailed, setting } from '../action-type.ts';
import { ActionFailure } from '../failure.ts';

const MINUTE_MS = 60_000;
const EVERY_YEAR = '*';

/** Whether it is a time at which the stage may be entered or left (CP-C28). */
export const deploymentWindow = defineRuleType({
  provider: 'DeploymentWindow',
  inputs: [0, 0],
  timeoutMinutes: 5,
  configuration: [
    {
      name: 'Cron',
      required: true,
      key: true,
      description:
        'The times of the window: seconds (*), minutes, hours, day of month, month, day of week, and maybe year.',
    },
    { name: 'TimeZone', default: 'UTC', description: 'Of these times (default UTC).' },
  ],
  rules({ name, configuration: { Cron: cron = '', TimeZone: zone = 'UTC' } }) {
    const wrong = wrongWindow(
      cron.includes('#{') ? '* * * ? * *' : cron,
      zone.includes('#{') ? 'UTC' : zone,
    );
    if (wrong)
      throw invalidAction(`Action configuration for action '${name}' is invalid: ${wrong}`);
  },

  async start(job) {
    const cron = requiredSetting(job, 'Cron');
    const zone = setting(job, 'TimeZone') ?? 'UTC';
    const wrong = wrongWindow(cron, zone);
    if (wrong) throw new ActionFailure('ConfigurationError', wrong);
    return isOpen(cron, zone, job.run.startTime)
      ? { state: 'succeeded' }
      : ruleFailed(`It is not within the deployment window ${cron} (${zone})`);
  },
});

/** Without its seconds, which are all of them, it is a cron of EventBridge's. @throws ScheduleError */
function read(text: string) {
  const [seconds, ...fields] = text.trim().split(/\s+/);
  if (seconds !== '*') throw new ScheduleError(`the seconds of the cron expression must be *`);
  if (fields.length === 5) fields.push(EVERY_YEAR);
  return parseCron(fields.join(' '));
}

function wrongWindow(cron: string, zone: string): string | undefined {
  if (!isZone(zone)) return `'${zone}' is not a time zone`;
  try {
    read(cron);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return `the cron expression '${cron}': ${error.message}`;
    throw error;
  }
}

/** Is the minute that `time` (epoch milliseconds) is in one of the window? */
export function isOpen(cron: string, zone: string, time: number): boolean {
  const minute = Math.floor(time / MINUTE_MS) * MINUTE_MS;
  return nextOfCron(read(cron), minute - 1, zone) === minute;
}
