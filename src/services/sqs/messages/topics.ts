import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';

/** Rung whenever there may be something to receive, or sooner than it was. */
export const queueTopic = (queueId: string): string => `sqs/queue/${queueId}`;

export const ringQueue = ({ engine }: Pick<Platform, 'engine'>, tx: Tx, queueId: string) =>
  engine.ring(tx, queueTopic(queueId));
