import { createHash } from 'node:crypto';
import { isAwsError } from '../../../../aws/errors.ts';
import type { Platform } from '../../../../kit/service.ts';
import type { Sending, TargetKind } from './target.ts';

/** A log group, which a resource policy opens to the service; each rule has a stream of its own in it. */
export const logs: TargetKind = {
  name: 'CloudWatch Logs groups',
  isOf: ({ service, resource }) => service === 'logs' && resource.startsWith('log-group:'),
  async send(ctx, { delivery, arn, input, actAs }) {
    const { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } = await import(
      '@aws-sdk/client-cloudwatch-logs'
    );
    const client = ctx.client(CloudWatchLogsClient, actAs);
    const place = {
      logGroupName: arn.resource.slice('log-group:'.length).replace(/:\*$/, ''),
      logStreamName: createHash('sha256').update(delivery.ruleArn).digest('hex').slice(0, 32),
    };
    const put = new PutLogEventsCommand({ ...place, logEvents: [entry(ctx, delivery, input)] });
    try {
      await client.send(put);
    } catch (error) {
      if (!isAwsError(error, 'ResourceNotFoundException')) throw error;
      await client.send(new CreateLogStreamCommand(place)).catch((again) => {
        if (!isAwsError(again, 'ResourceAlreadyExistsException')) throw again;
      });
      await client.send(put);
    }
  },
};

/** A template may say `{"timestamp": …, "message": …}`; else all of it is the message, at the time of the event. */
function entry({ clock }: Platform, { event }: Sending['delivery'], input: string) {
  const own = timed(input);
  if (own) return own;
  const timestamp = Date.parse(event.time);
  return { timestamp: Number.isNaN(timestamp) ? clock.now().getTime() : timestamp, message: input };
}

function timed(input: string): { timestamp: number; message: string } | undefined {
  if (!input.startsWith('{')) return undefined;
  try {
    const { timestamp, message, ...more } = JSON.parse(input);
    const is = Object.keys(more).length === 0 && typeof message === 'string';
    return is && typeof timestamp === 'number' ? { timestamp, message } : undefined;
  } catch {
    return undefined;
  }
}
