import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import {
  type AgentMessage,
  decodeMessage,
  encodeMessage,
  FLAG,
  jsonOf,
  MOST_MESSAGE_BYTES,
  PAYLOAD,
} from '../../../lib/agent-message.ts';

/** Output that the client has not acknowledged: more waits in the shell. */
const WINDOW = 64;
const PIECE_BYTES = 8 * 1024;
/** RFC 6455: what was sent breaks the rules of what is spoken here. */
const POLICY_VIOLATION = 1008;
const NORMAL = 1000;
/** How long a client that is told of the end may take to take the rest. */
const CLOSE_MS = 5_000;

/** What comes in. */
export interface ChannelEnd {
  /** Of one who types, and sizes, and the like: by payload type. */
  received(payloadType: number, payload: Buffer): void | Promise<void>;
  /** Nobody is there any more. */
  lost(): void;
}

/**
 * One side of a session's data channel: numbers what goes out, sends it again to a client that comes back, and takes what
 * comes in once and in its order. The connection may change; the numbers go on.
 */
export class DataChannel {
  readonly #end: ChannelEnd;
  readonly #now: () => number;
  readonly #unacknowledged = new Map<number, Buffer>();
  #socket: WebSocket | undefined;
  #next = 0;
  #expected = 0;
  #moved = Promise.withResolvers<void>();
  #over = false;

  constructor(end: ChannelEnd, now: () => number) {
    this.#end = end;
    this.#now = now;
  }

  /** Goes on over this connection. */
  attach(socket: WebSocket): void {
    const before = this.#socket;
    this.#socket = socket;
    before?.close(NORMAL);
    socket.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? decodeMessage(data) : undefined;
      if (message) void this.#take(message, socket);
      else socket.close(POLICY_VIOLATION, 'no message of a session');
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (!this.#over) this.#end.lost();
    });
    for (const bytes of this.#unacknowledged.values()) this.#write(bytes);
    this.#move();
  }

  /** Sends output, as fast as the client takes it. Resolves to false when the channel is over. */
  async output(bytes: Buffer): Promise<boolean> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      while (!this.#over && !this.#hasRoom()) await this.#moved.promise;
      if (this.#over) return false;
      this.send(PAYLOAD.output, bytes.subarray(at, at + PIECE_BYTES));
    }
    return !this.#over;
  }

  /** Sends what is no output, and is in the same order. */
  send(payloadType: number, payload: Buffer | object): void {
    const body = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
    const sequence = this.#next++;
    const flags = sequence === 0 ? FLAG.syn : FLAG.data;
    const bytes = this.#encoded({ type: 'output_stream_data', sequence, flags }, body, payloadType);
    this.#unacknowledged.set(sequence, bytes);
    this.#write(bytes);
  }

  /** Says that it is over, and why where there is a reason to tell. */
  close(sessionId: string, Output = ''): void {
    if (this.#over) return;
    this.#over = true;
    this.#move();
    const payload = {
      ...{ MessageType: 'channel_closed', MessageId: randomUUID(), SchemaVersion: 1 },
      ...{ SessionId: sessionId, DestinationId: sessionId },
      ...{ CreatedDate: new Date(this.#now()).toISOString(), Output },
    };
    const facts = { type: 'channel_closed', sequence: this.#next, flags: FLAG.fin };
    this.#write(this.#encoded(facts, Buffer.from(JSON.stringify(payload)), 0));
    const socket = this.#socket;
    // Its answer to that is to be read.
    socket?.resume();
    socket?.close(NORMAL);
    // One that takes nothing must not be kept.
    setTimeout(() => socket?.terminate(), CLOSE_MS).unref();
  }

  async #take(message: AgentMessage, socket: WebSocket): Promise<void> {
    if (message.type === 'acknowledge') {
      const { AcknowledgedMessageSequenceNumber: number } = jsonOf(message.payload) as {
        AcknowledgedMessageSequenceNumber?: unknown;
      };
      this.#unacknowledged.delete(Number(number));
      this.#move();
      return;
    }
    if (message.type !== 'input_stream_data' || this.#over) return;
    // What is ahead comes again, in its order.
    if (message.sequence > this.#expected) return;
    this.#acknowledge(message);
    if (message.sequence < this.#expected) return;
    this.#expected++;
    const taken = this.#end.received(message.payloadType, message.payload);
    if (!taken) return;
    // What the shell does not read yet is not read here.
    socket.pause();
    await taken;
    socket.resume();
  }

  #acknowledge({ type, id, sequence }: AgentMessage): void {
    const payload = {
      ...{ AcknowledgedMessageType: type, AcknowledgedMessageId: id },
      ...{ AcknowledgedMessageSequenceNumber: sequence, IsSequentialMessage: true },
    };
    const facts = { type: 'acknowledge', sequence: 0, flags: FLAG.ack };
    this.#write(this.#encoded(facts, Buffer.from(JSON.stringify(payload)), 0));
  }

  #encoded(
    facts: Pick<AgentMessage, 'type' | 'sequence' | 'flags'>,
    payload: Buffer,
    payloadType: number,
  ): Buffer {
    return encodeMessage({
      ...{ ...facts, payload, payloadType },
      ...{ id: randomUUID(), createdAt: this.#now() },
    });
  }

  #hasRoom(): boolean {
    return this.#socket !== undefined && this.#unacknowledged.size < WINDOW;
  }

  #write(bytes: Buffer): void {
    const socket = this.#socket;
    if (!socket) return;
    // A client that makes work and takes no answers.
    if (socket.bufferedAmount > WINDOW * MOST_MESSAGE_BYTES) socket.terminate();
    else socket.send(bytes, () => {});
  }

  #move(): void {
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}
