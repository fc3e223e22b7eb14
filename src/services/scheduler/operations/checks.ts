import type { CreateScheduleCommandInput, Target } from '@aws-sdk/client-scheduler';
import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import { passRole } from '../../../kit/pass-role.ts';
import { ScheduleError } from '../../../kit/schedule/errors.ts';
import { parseNewSchedule } from '../../../kit/schedule/schedule.ts';
import { isZone } from '../../../kit/schedule/zone.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { callable } from '../calls/clients.ts';
import { invalid } from '../errors.ts';
import { callOf, isObject, onlyReads, universalCall } from '../model/calls.ts';
import { SERVICE_PRINCIPAL, type Settings } from '../model/schedule.ts';
import { group, type LocatedSchedule } from '../resources/schedule.ts';

/** Parameters of kinds of targets that are not served. */
const FOREIGN = [
  ...['EcsParameters', 'SageMakerPipelineParameters'],
  ...['EventBridgePutEventsV2Parameters', 'EventBridgePutRawEventsParameters'],
] as const;

/** What a call says of a schedule. @throws ValidationException, NotImplemented */
export function settingsOf(input: CreateScheduleCommandInput, now: Date): Settings {
  const { ScheduleExpression: expression = '', FlexibleTimeWindow: window, Target } = input;
  const { ScheduleExpressionTimezone: zone = 'UTC', StartDate: start, EndDate: end } = input;
  if (input.KmsKeyArn !== undefined) throw unsupported('customer managed keys of schedules');
  checkExpression(expression, zone);
  if (end && end <= (start ?? now))
    throw invalid('The EndDate must come after the StartDate and be in the future.');
  const minutes = window?.MaximumWindowInMinutes;
  if ((window?.Mode === 'FLEXIBLE') !== (minutes !== undefined))
    throw invalid(
      'MaximumWindowInMinutes must be provided when FlexibleTimeWindow is FLEXIBLE, and only then.',
    );
  return {
    ...{ expression, zone, state: input.State ?? 'ENABLED', target: Target as Target },
    window: window as Settings['window'],
    afterCompletion: input.ActionAfterCompletion ?? 'NONE',
    ...(start && { start }),
    ...(end && { end }),
    ...(input.Description !== undefined && { description: input.Description }),
  };
}

function checkExpression(expression: string, zone: string): void {
  if (!isZone(zone)) throw invalid(`Invalid ScheduleExpressionTimezone ${zone}.`);
  try {
    parseNewSchedule(expression, 'either');
  } catch (error) {
    if (error instanceof ScheduleError) throw invalid(`Invalid Schedule Expression ${expression}.`);
    throw error;
  }
}

/** Checks that the target can be called, and takes its role. @throws ValidationException, AccessDeniedException, NotImplemented */
export async function checkTarget(
  ctx: ServiceContext,
  target: Target,
  located: LocatedSchedule,
): Promise<void> {
  for (const member of FOREIGN)
    if (target[member] !== undefined) throw unsupported(`${member} of targets of schedules`);
  const queue = target.DeadLetterConfig?.Arn;
  if (queue !== undefined && parseArn(queue)?.service !== 'sqs')
    throw invalid(`Invalid DeadLetterConfig ${queue}.`);
  await checkCall(target);
  const { RoleArn: roleArn = '' } = target;
  const sourceArn = group.locate(ctx, located.group).arn;
  await passRole(ctx, { roleArn, service: SERVICE_PRINCIPAL, sourceArn });
  const role = { service: SERVICE_PRINCIPAL, roleArn, sourceArn, region: ctx.region };
  if (!(await mayAssume(ctx, role)))
    throw invalid(
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    );
}

async function checkCall(target: Target): Promise<void> {
  const text = target.Arn ?? '';
  const universal = universalCall(text);
  if (universal && onlyReads(universal.operation))
    throw invalid(`${text} is not supported: it only reads.`);
  if (universal && !isObject(target.Input)) throw invalid('Invalid RequestJson provided.');
  if (!universal && !parseArn(text))
    throw invalid(`Provided Arn is not in correct format: ${text}`);
  if (text.includes(':event-bus/') && !target.EventBridgeParameters)
    throw invalid('EventBridgeParameters is required for event buses.');
  if ((parseArn(text)?.service === 'kinesis') !== (target.KinesisParameters !== undefined))
    throw invalid('KinesisParameters must be provided for Kinesis data streams, and only then.');
  const call = callOf(target, { input: target.Input, executionId: '', token: '' });
  const found = call && (await callable(call.service, call.operation));
  if (!call || !found) throw unsupported(`targets of schedules such as ${text}`);
  const strange = universal && found.strange(call.input);
  if (strange !== undefined)
    throw invalid(`Invalid RequestJson provided. Reason: ${strange} is no member of it.`);
}
