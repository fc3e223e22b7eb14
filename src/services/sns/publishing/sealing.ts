import type { Platform } from '../../../kit/service.ts';
import type { Outcome } from '../model/delivery.ts';
import type { Message } from '../model/message.ts';
import type { Topic } from '../model/topic.ts';
import type { StoredMessage } from '../store/deliveries.ts';

/** The message, or what comes of it that it cannot be read. */
export async function openMessage(
  _ctx: Platform,
  _topic: Topic,
  _id: string,
  stored: StoredMessage,
): Promise<Message | Outcome> {
  return stored as Message;
}
