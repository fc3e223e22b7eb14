import { createHash } from 'node:crypto';

/*
 * The messages of a session's data channel, as the Session Manager plugin and the agent write them.
 * https://github.com/aws/session-manager-plugin/blob/mainline/src/message/clientmessage.go
 */

/** Where each field is; a message id is two halves, the second one first. */
const AT = { type: 4, schema: 36, created: 40, sequence: 48, flags: 56, id: 64, digest: 80 };
const PAYLOAD_TYPE_AT = 112;
/** What HeaderLength says: it ends before the payload's length. */
const HEADER_LENGTH = 116;
const PAYLOAD_AT = 120;
const TYPE_LENGTH = 32;

/** A longer one is no message: clients send a kilobyte at a time. */
export const MOST_MESSAGE_BYTES = 64 * 1024;

export const PAYLOAD = {
  output: 1,
  size: 3,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  flag: 10,
  exitCode: 12,
} as const;

/** The payload of `flag` that ends a session. */
export const TERMINATE = 2;

export const FLAG = { data: 0n, syn: 1n, fin: 2n, ack: 3n } as const;

export interface AgentMessage {
  type: string;
  /** Of the messages of one direction, from 0 on. */
  sequence: number;
  flags: bigint;
  /** Epoch milliseconds. */
  createdAt: number;
  /** A UUID. */
  id: string;
  payloadType: number;
  payload: Buffer;
}

export function encodeMessage(message: AgentMessage): Buffer {
  const { payload } = message;
  const bytes = Buffer.alloc(PAYLOAD_AT + payload.length);
  bytes.writeUInt32BE(HEADER_LENGTH, 0);
  bytes.write(message.type.padEnd(TYPE_LENGTH), AT.type, TYPE_LENGTH, 'latin1');
  bytes.writeUInt32BE(1, AT.schema);
  bytes.writeBigUInt64BE(BigInt(message.createdAt), AT.created);
  bytes.writeBigInt64BE(BigInt(message.sequence), AT.sequence);
  bytes.writeBigUInt64BE(message.flags, AT.flags);
  const id = Buffer.from(message.id.replaceAll('-', ''), 'hex');
  id.copy(bytes, AT.id, 8, 16);
  id.copy(bytes, AT.id + 8, 0, 8);
  createHash('sha256').update(payload).digest().copy(bytes, AT.digest);
  bytes.writeUInt32BE(message.payloadType, PAYLOAD_TYPE_AT);
  bytes.writeUInt32BE(payload.length, HEADER_LENGTH);
  payload.copy(bytes, PAYLOAD_AT);
  return bytes;
}

/** Reads a message; undefined for what is none, or whose payload is not the one that was sent. */
export function decodeMessage(bytes: Buffer): AgentMessage | undefined {
  if (bytes.length < PAYLOAD_AT || bytes.length > MOST_MESSAGE_BYTES) return undefined;
  const payload = bytes.subarray(PAYLOAD_AT);
  if (bytes.readUInt32BE(0) !== HEADER_LENGTH) return undefined;
  if (bytes.readUInt32BE(HEADER_LENGTH) !== payload.length) return undefined;
  const digest = bytes.subarray(AT.digest, AT.digest + 32);
  if (!createHash('sha256').update(payload).digest().equals(digest)) return undefined;
  const sequence = bytes.readBigInt64BE(AT.sequence);
  if (sequence < 0n || sequence > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const id = Buffer.concat([
    bytes.subarray(AT.id + 8, AT.id + 16),
    bytes.subarray(AT.id, AT.id + 8),
  ]).toString('hex');
  const type = bytes.toString('latin1', AT.type, AT.type + TYPE_LENGTH);
  return {
    type: type.slice(0, type.search(/[\0 ]|$/)),
    sequence: Number(sequence),
    flags: bytes.readBigUInt64BE(AT.flags),
    createdAt: Number(bytes.readBigUInt64BE(AT.created)),
    id: id.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    payloadType: bytes.readUInt32BE(PAYLOAD_TYPE_AT),
    payload,
  };
}

/** A terminal's size as a client says it; undefined where no terminal has such a one. */
export function sizeOf(payload: Buffer): { columns: number; rows: number } | undefined {
  const { cols, rows } = jsonOf(payload) as { cols?: unknown; rows?: unknown };
  const possible = (number: unknown): number is number =>
    Number.isInteger(number) && Number(number) >= 1 && Number(number) <= 1000;
  return possible(cols) && possible(rows) ? { columns: cols, rows } : undefined;
}

/** The object that a payload is as JSON; an empty one for anything else. */
export function jsonOf(payload: Buffer | string): object {
  try {
    const value: unknown = JSON.parse(payload.toString());
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
