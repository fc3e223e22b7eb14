import type { Protocol } from '../../../aws/protocols/protocol.ts';
import { query } from '../../../aws/protocols/query.ts';

/** Query as SQS has it: a call that names no queue is for the one whose URL it is sent to. */
export const sqsQuery: Protocol = {
  ...query,
  decode(call) {
    const input = query.decode(call);
    const { path, endpoint } = call.request;
    if (input.QueueUrl === undefined && path.length > 1) input.QueueUrl = `${endpoint}${path}`;
    return input;
  },
};
