import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { halves, type Message } from '../model/subscription.ts';

const zip = promisify(gzip);

/** A message, compressed, with the message that it was. */
export interface Packed {
  message: Message;
  data: Buffer;
}

/** A message in as many parts as it takes for each to have no more bytes than that; a single event has them all the same. */
export async function* pack(message: Message, most: number): AsyncGenerator<Packed> {
  const data = await zip(JSON.stringify(message));
  if (data.length <= most || message.logEvents.length < 2) yield { message, data };
  else for (const half of halves(message)) yield* pack(half, most);
}
