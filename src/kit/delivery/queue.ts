import type { Arn } from '../../aws/arn.ts';
import { xmlText } from '../../lib/xml-text.ts';
import type { ActAs, Platform } from '../platform.ts';

type Server = Pick<Platform, 'config' | 'serverEndpoint'>;

/** What URLs of queues begin with: this server, or where SQS is configured to be. */
export const sqsEndpoint = ({ config, serverEndpoint }: Server): string =>
  config.upstream.sqs ?? serverEndpoint();

export const queueUrl = (
  server: Server,
  { accountId, resource }: Pick<Arn, 'accountId' | 'resource'>,
): string => `${sqsEndpoint(server)}/${accountId}/${resource}`;

/** What could not be delivered, and why, as attributes. */
export interface Dead {
  body: string;
  attributes: Record<string, string>;
}

/** Reasons tell what was refused, which may be long and of any characters: the message is not lost for that. */
const LONGEST_ATTRIBUTE = 1024;

/** Puts it into a dead-letter queue. @throws what SQS says */
export async function bury(
  ctx: Server & Pick<Platform, 'client'>,
  queue: Arn,
  actAs: ActAs,
  { body, attributes }: Dead,
): Promise<void> {
  const { SendMessageCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const asStrings = Object.entries(attributes).map(([name, StringValue]) => [
    name,
    { DataType: 'String', StringValue: xmlText(StringValue.slice(0, LONGEST_ATTRIBUTE)) },
  ]);
  const command = new SendMessageCommand({
    ...{ QueueUrl: queueUrl(ctx, queue), MessageBody: xmlText(body) },
    MessageAttributes: Object.fromEntries(asStrings),
  });
  await ctx.client(SQSClient, actAs).send(command);
}
