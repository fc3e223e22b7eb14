import {
  isDeliveryStream,
  isStream,
  putDeliveryRecord,
  putRecord,
} from '../../../../kit/delivery/streams.ts';
import { partitionKey } from '../../model/partition-key.ts';
import type { TargetKind } from './target.ts';

export const kinesis: TargetKind = {
  name: 'Kinesis data streams',
  isOf: isStream,
  needsRole: true,
  async send(ctx, { delivery, target, arn, input, actAs }) {
    const key = partitionKey(target, delivery.event);
    await putRecord(ctx, { arn, actAs, data: Buffer.from(input), partitionKey: key });
  },
};

export const firehose: TargetKind = {
  name: 'Firehose streams',
  isOf: isDeliveryStream,
  needsRole: true,
  send: (ctx, { arn, input, actAs }) =>
    putDeliveryRecord(ctx, { arn, actAs, data: Buffer.from(input) }),
};
