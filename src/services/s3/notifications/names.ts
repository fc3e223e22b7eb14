/** The reconciler that brings messages to queues and topics. */
export const NOTIFY = 's3/notify';

/** Its key: all that one bucket owes one queue or topic. */
export function destinationOf(bucket: { name: string }, arn: string): string {
  return `${bucket.name}/${arn}`;
}
