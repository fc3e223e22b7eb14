import type { MetricDatum, StandardUnit } from '@aws-sdk/client-cloudwatch';
import { isAwsError } from '../aws/errors.ts';
import type { AwsEvent, EventPattern, Subscription } from '../engine/events.ts';
import type { Platform } from './platform.ts';

/** What a service counts of its own events, and puts into CloudWatch as itself. */
export interface CountedEvents {
  /** The folder's name, which is that of its principal too: `codebuild`. */
  service: string;
  /** `AWS/CodeBuild` */
  namespace: string;
  pattern: EventPattern;
  /** What an event counts; nothing where it counts for nothing. */
  measure(event: AwsEvent, ctx: Platform): Promise<MetricDatum[]> | MetricDatum[];
}

/**
 * A subscription by which a service's metrics follow from its events: at least once delivered, and counted once, since
 * the call has the event's id and CloudWatch remembers those of services.
 */
export function countEvents(counted: CountedEvents): Subscription<Platform> {
  const { service, namespace, pattern, measure } = counted;
  return {
    name: `${service}/metrics`,
    pattern: { source: [`aws.${service}`], ...pattern },
    async deliver(ctx, event) {
      const MetricData = await measure(event, ctx);
      if (MetricData.length === 0) return;
      try {
        await put(ctx, service, event, { Namespace: namespace, MetricData });
      } catch (error) {
        // A server without CloudWatch counts nothing.
        if (!isAwsError(error, 'NotImplemented', 'UnknownOperationException')) throw error;
        ctx.log.debug({ event: event.id, service }, 'Nobody takes metrics');
      }
    },
  };
}

async function put(
  ctx: Platform,
  service: string,
  event: AwsEvent,
  input: { Namespace: string; MetricData: MetricDatum[] },
): Promise<void> {
  const { CloudWatchClient, PutMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const client = ctx.client(CloudWatchClient, {
    service: `${service}.amazonaws.com`,
    // Not the resource, of which there are as many as there are events: one client for all.
    sourceArn: `arn:aws:${service}:${event.region}:${event.account}:*`,
    region: event.region,
    may: ['cloudwatch:PutMetricData'],
  });
  const command = new PutMetricDataCommand(input);
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['amz-sdk-invocation-id'] = event.id;
      return next(args);
    },
    // Behind the one that makes up an id.
    { step: 'finalizeRequest', priority: 'low', name: 'eventId' },
  );
  await client.send(command);
}

/** A measure at the time of the event, by each of these dimensions and without any: for the account. */
export function measures(
  event: AwsEvent,
  name: string,
  value: number,
  unit: StandardUnit,
  ...dimensions: Record<string, string>[]
): MetricDatum[] {
  return [{}, ...dimensions].map((each) => ({
    MetricName: name,
    Dimensions: Object.entries(each).map(([Name, Value]) => ({ Name, Value })),
    Timestamp: new Date(event.time),
    Value: value,
    Unit: unit,
  }));
}
