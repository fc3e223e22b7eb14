import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { HttpError } from '../../../aws/http-error.ts';
import type { Platform, Route } from '../../../kit/service.ts';
import { jsonOf, MOST_MESSAGE_BYTES } from '../../../lib/agent-message.ts';
import { digestOf } from '../model/session.ts';
import { takeToken } from '../store/sessions.ts';

const POLICY_VIOLATION = 1008;
/** Who says nothing holds no connection. */
const FIRST_WORD_MS = 10_000;
/** AWS's tokens have 300 characters at most, and beside one there is little to say. */
const LONGEST_FIRST_WORD = 4096;

/**
 * The data channel of a session, as the Session Manager plugin opens it: a WebSocket whose first message shows the token
 * of StartSession or ResumeSession, which opens it once. There is no other way in.
 */
export const dataChannel: Route = {
  api: 'ssmmessages',
  operation: 'OpenDataChannel',
  methods: ['GET'],
  path: '/v1/data-channel/{sessionId}',
  identity: { by: 'none' },
  async handle() {
    throw new HttpError(426, 'This is the data channel of a session: a WebSocket.');
  },
  async upgrade(platform, { request, labels }, socket, head) {
    const opened = await handshake(request.body as IncomingMessage, socket, head);
    if (!opened) return;
    const sessionId = decoded(labels.sessionId ?? '');
    const { token, behind } = await firstWord(opened);
    const session =
      token !== undefined && sessionId !== undefined
        ? await openedBy(platform, sessionId, token)
        : undefined;
    if (!session) {
      // Its answer to that is to be read.
      opened.resume();
      return opened.close(POLICY_VIOLATION, 'this token opens no session');
    }
    const { connect } = await import('../sessions/live.ts');
    await connect(platform, session, opened, behind);
  },
};

/** Ends the wait for who takes over. @returns what has come meanwhile */
type Behind = () => [Buffer, boolean][];

async function handshake(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<WebSocket | undefined> {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({
    ...{ noServer: true, maxPayload: MOST_MESSAGE_BYTES, perMessageDeflate: false },
  });
  return new Promise((resolve) => {
    socket.once('close', () => resolve(undefined));
    server.handleUpgrade(request, socket, head, (opened) => {
      // Told of by its end.
      opened.on('error', () => {});
      resolve(opened);
    });
  });
}

/** The token that the first message shows, undefined where it shows none or comes too late; and what has come behind it. */
function firstWord(socket: WebSocket): Promise<{ token: string | undefined; behind: Behind }> {
  return new Promise((resolve) => {
    const messages: [Buffer, boolean][] = [];
    const early = (data: Buffer, isBinary: boolean) => void messages.push([data, isBinary]);
    const behind = () => {
      socket.off('message', early);
      return messages;
    };
    const late = setTimeout(() => resolve({ token: undefined, behind }), FIRST_WORD_MS);
    const done = (token: string | undefined) => {
      clearTimeout(late);
      // What follows is for who takes over; some of it may be here already.
      socket.pause();
      socket.on('message', early);
      resolve({ token, behind });
    };
    socket.once('close', () => done(undefined));
    socket.once('message', (data: Buffer) => {
      if (data.length > LONGEST_FIRST_WORD) return done(undefined);
      const { TokenValue } = jsonOf(data) as { TokenValue?: unknown };
      done(typeof TokenValue === 'string' ? TokenValue : undefined);
    });
  });
}

function openedBy(platform: Platform, sessionId: string, token: string) {
  const now = platform.clock.now().getTime();
  return platform.transaction((tx) => takeToken(tx, sessionId, digestOf(token), now));
}

function decoded(label: string): string | undefined {
  try {
    return decodeURIComponent(label);
  } catch {
    return undefined;
  }
}
