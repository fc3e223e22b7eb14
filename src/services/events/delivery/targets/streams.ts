import { formatArn } from '../../../../aws/arn.ts';
import { partitionKey } from '../../model/partition-key.ts';
import type { TargetKind } from './target.ts';

const DELIVERY_STREAM = 'deliverystream/';

export const kinesis: TargetKind = {
  name: 'Kinesis data streams',
  isOf: ({ service, resource }) => service === 'kinesis' && /^stream\/[\w.-]+$/.test(resource),
  needsRole: true,
  async send(ctx, { delivery, target, arn, input, actAs }) {
    const { KinesisClient, PutRecordCommand } = await import('@aws-sdk/client-kinesis');
    const put = new PutRecordCommand({
      ...{ StreamARN: formatArn(arn), Data: Buffer.from(input) },
      PartitionKey: partitionKey(target, delivery.event),
    });
    await ctx.client(KinesisClient, actAs).send(put);
  },
};

export const firehose: TargetKind = {
  name: 'Firehose streams',
  isOf: ({ service, resource }) => service === 'firehose' && resource.startsWith(DELIVERY_STREAM),
  needsRole: true,
  async send(ctx, { arn, input, actAs }) {
    const { FirehoseClient, PutRecordCommand } = await import('@aws-sdk/client-firehose');
    const put = new PutRecordCommand({
      DeliveryStreamName: arn.resource.slice(DELIVERY_STREAM.length),
      Record: { Data: Buffer.from(input) },
    });
    await ctx.client(FirehoseClient, actAs).send(put);
  },
};
