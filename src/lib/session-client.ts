import { randomUUID } from 'node:crypto';
import { decodeMessage, encodeMessage, FLAG, jsonOf, PAYLOAD, TERMINATE } from './agent-message.ts';

/** What StartSession answers. */
export interface SessionAccess {
  SessionId?: string | undefined;
  StreamUrl?: string | undefined;
  TokenValue?: string | undefined;
}

export interface SessionOptions {
  /** Gets what the terminal prints. */
  output(bytes: Buffer): void;
  /** Of the terminal, at the beginning. */
  size?: { columns: number; rows: number };
}

/** A client's end of a session, as the Session Manager plugin is one. */
export interface SessionClient {
  type(bytes: Buffer | string): void;
  resize(size: { columns: number; rows: number }): void;
  /** Tells the other side to end it. */
  terminate(): void;
  /** Gives the connection up; the session waits for ResumeSession. */
  drop(): void;
  /** Resolves at the end of the session, with its reason where it was given one. @throws Error when the connection ends before */
  closed: Promise<string>;
}

/** Plugins send so much at a time. */
const PIECE_BYTES = 1024;

/** Opens the data channel of a session. Numbers begin anew: it is for a session's first connection, or a reader's. */
export function openSession(
  { StreamUrl = '', TokenValue }: SessionAccess,
  { output, size }: SessionOptions,
): SessionClient {
  const socket = new WebSocket(StreamUrl);
  socket.binaryType = 'arraybuffer';
  let next = 0;
  let expected = 0;
  /** What was typed before there was anybody to take it. */
  let early: [number, Buffer][] | undefined = [];
  const send = (payloadType: number, payload: Buffer) => {
    if (early) return void early.push([payloadType, payload]);
    if (socket.readyState !== WebSocket.OPEN) return;
    const sequence = next++;
    const flags = sequence === 0 ? FLAG.syn : FLAG.data;
    const facts = { id: randomUUID(), createdAt: Date.now(), sequence, flags };
    socket.send(encodeMessage({ type: 'input_stream_data', ...facts, payloadType, payload }));
  };
  const resize = ({ columns: cols, rows }: { columns: number; rows: number }) =>
    send(PAYLOAD.size, Buffer.from(JSON.stringify({ cols, rows })));
  socket.addEventListener('open', () => {
    const ids = { RequestId: randomUUID(), ClientId: randomUUID() };
    const version = { MessageSchemaVersion: '1.0', ClientVersion: '1.2.0.0' };
    socket.send(JSON.stringify({ ...version, ...ids, TokenValue }));
  });
  const acknowledge = (type: string, id: string, sequence: number) => {
    const payload = {
      ...{ AcknowledgedMessageType: type, AcknowledgedMessageId: id },
      ...{ AcknowledgedMessageSequenceNumber: sequence, IsSequentialMessage: true },
    };
    socket.send(
      encodeMessage({
        ...{ type: 'acknowledge', id: randomUUID(), createdAt: Date.now(), sequence: 0 },
        ...{ flags: FLAG.ack, payloadType: 0, payload: Buffer.from(JSON.stringify(payload)) },
      }),
    );
  };
  const closed = new Promise<string>((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => {
      const message = decodeMessage(Buffer.from(data as ArrayBuffer));
      if (!message) return;
      if (message.type === 'channel_closed') {
        const { Output = '' } = jsonOf(message.payload) as { Output?: string };
        socket.close();
        return resolve(Output);
      }
      if (message.type !== 'output_stream_data') return;
      acknowledge(message.type, message.id, message.sequence);
      if (message.sequence !== expected) return;
      expected++;
      if (message.payloadType === PAYLOAD.output) output(message.payload);
      if (message.payloadType !== PAYLOAD.handshakeRequest) return;
      const waiting = early ?? [];
      early = undefined;
      if (size) resize(size);
      const answer = { ClientVersion: '1.2.0.0', ProcessedClientActions: [], Errors: [] };
      send(PAYLOAD.handshakeResponse, Buffer.from(JSON.stringify(answer)));
      for (const [payloadType, payload] of waiting) send(payloadType, payload);
    });
    const gone = ({ reason }: { reason?: string }) =>
      reject(new Error(reason || 'the connection of the session is gone'));
    socket.addEventListener('close', (event) => gone(event as { reason?: string }));
    socket.addEventListener('error', () => gone({}));
  });
  closed.catch(() => {});
  return {
    type(text) {
      const bytes = Buffer.from(text as string);
      for (let at = 0; at < bytes.length; at += PIECE_BYTES)
        send(PAYLOAD.output, bytes.subarray(at, at + PIECE_BYTES));
    },
    resize,
    terminate() {
      const flag = Buffer.alloc(4);
      flag.writeUInt32BE(TERMINATE);
      send(PAYLOAD.flag, flag);
    },
    drop: () => socket.close(),
    closed,
  };
}
