import { type Arn, formatArn } from '../../aws/arn.ts';
import type { ActAs, Platform } from '../platform.ts';

/** A record for a stream, sent under a role. */
interface StreamRecord {
  arn: Arn;
  actAs: ActAs;
  data: Uint8Array;
}

type Kind = Pick<Arn, 'service' | 'resource'>;
type Server = Pick<Platform, 'client'>;

const STREAM = /^stream\/[A-Za-z0-9_.-]{1,128}$/;
const DELIVERY_STREAM = /^deliverystream\/([A-Za-z0-9_.-]{1,64})$/;

export const isStream = ({ service, resource }: Kind): boolean =>
  service === 'kinesis' && STREAM.test(resource);

export const isDeliveryStream = ({ service, resource }: Kind): boolean =>
  service === 'firehose' && DELIVERY_STREAM.test(resource);

/** To a Kinesis data stream. @throws what Kinesis says */
export async function putRecord(
  { client }: Server,
  { arn, actAs, data, partitionKey }: StreamRecord & { partitionKey: string },
): Promise<void> {
  const { KinesisClient, PutRecordCommand } = await import('@aws-sdk/client-kinesis');
  const record = { StreamARN: formatArn(arn), PartitionKey: partitionKey, Data: data };
  await client(KinesisClient, actAs).send(new PutRecordCommand(record));
}

/** To a Firehose stream, of the account of the role. @throws what Firehose says */
export async function putDeliveryRecord(
  { client }: Server,
  { arn, actAs, data }: StreamRecord,
): Promise<void> {
  const { FirehoseClient, PutRecordCommand } = await import('@aws-sdk/client-firehose');
  const [, DeliveryStreamName] = DELIVERY_STREAM.exec(arn.resource) ?? [];
  const record = { DeliveryStreamName, Record: { Data: data } };
  await client(FirehoseClient, actAs).send(new PutRecordCommand(record));
}
