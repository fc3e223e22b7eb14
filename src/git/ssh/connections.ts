import { type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { Socket } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import ssh2, {
  type AuthContext,
  type Connection,
  type PublicKeyAuthContext,
  type ServerChannel,
  type Session,
} from 'ssh2';
import type { Admitted } from './admission.ts';

/**
 * SSH for git alone: a public key lets in, and one command is run by a channel. No shell, no terminal, no forwarding,
 * no agent, no subsystem; of variables GIT_PROTOCOL. This file is what loads ssh2: at the first connection.
 */

/** A key that lets in. */
export interface UserKey {
  blob: Buffer;
  key: KeyObject;
}

/** What a client wants run. */
export interface Exec {
  userName: string;
  command: string;
  /** GIT_PROTOCOL. */
  protocol: string | undefined;
  /** Name and version of the client, as it says them. */
  client: string;
  remoteAddress: string;
  /** What the client sends; it ends with it. */
  input: Readable;
  /** What git answers to the client, to which it listens as it likes. */
  channel: ServerChannel;
  /** Aborts when the client has gone. */
  signal: AbortSignal;
}

export interface ConnectionsOptions {
  /** As OpenSSH writes one. */
  hostKey: string;
  /** Said to who asks for no command. */
  greeting: string;
  /** The active key of this user name. `anybody`: whoever has this name, with any key or none. */
  find(userName: string): Promise<UserKey | 'anybody' | undefined>;
  /** @returns the exit status */
  run(exec: Exec): Promise<number>;
  /** Told of what is a bug. */
  failed(error: unknown): void;
}

/** How long a client has to sign in, and how often it may try: an agent offers all its keys. */
const SIGN_IN_MS = 20_000;
const MOST_TRIES = 20;
/** A connection that runs nothing is closed; one that is kept for further commands (ControlPersist) has it for so long. */
const IDLE_MS = 10 * 60_000;
const MOST_SESSIONS = 10;
/** What is held for a client that does not read, or sends beyond its windows: a few of these, which have 2 MiB each. */
const MOST_HELD_BYTES = 32 * 1024 * 1024;

/** Without SHA-1 and CBC; GCM alone, which clients would take last of what is fast, and Terrapin (CVE-2023-48795) does not touch. */
const ALGORITHMS = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-256'],
  compress: ['none'],
} as const;

/** A connection as ssh2 does not show it. */
interface Place {
  known(): void;
  channels: Set<ServerChannel>;
}

/** @returns what takes a connection */
export function makeConnections(
  options: ConnectionsOptions,
): (socket: Socket, admitted: Admitted) => void {
  const places = new Map<string, Place>();
  const server = new ssh2.Server({
    hostKeys: [options.hostKey],
    ident: 'Slipway',
    // biome-ignore lint/suspicious/noExplicitAny: the types lag behind what ssh2 takes
    algorithms: ALGORITHMS as any,
  });
  server.on('error', () => undefined);
  server.on('connection', (connection, { ip, port, header }) => {
    const place = places.get(`${ip} ${port}`);
    const client = header.versions.software;
    if (!place) return void connection.end();
    serve(connection, { ...options, ...place, client, remoteAddress: ip });
  });
  return (socket, admitted) => {
    const { remoteAddress = '', remotePort = 0 } = socket;
    const name = `${remoteAddress} ${remotePort}`;
    const late = setTimeout(() => socket.destroy(), SIGN_IN_MS).unref();
    const known = () => {
      clearTimeout(late);
      admitted.known();
    };
    const place: Place = { known, channels: new Set() };
    places.set(name, place);
    socket.on('close', () => {
      clearTimeout(late);
      places.delete(name);
    });
    socket.setNoDelay(true);
    server.injectSocket(socket);
    // Behind ssh2's own listener: it has not begun to read before.
    socket.on('data', () => {
      let held = socket.writableLength;
      for (const channel of place.channels) held += channel.readableLength;
      if (held > MOST_HELD_BYTES) socket.destroy();
    });
  };
}

type Serving = ConnectionsOptions & Place & { client: string; remoteAddress: string };

function serve(connection: Connection, options: Serving): void {
  let userName = '';
  let tries = 0;
  let sessions = 0;
  let running = 0;
  let idle: NodeJS.Timeout | undefined;
  const rest = () => {
    clearTimeout(idle);
    if (running === 0) idle = setTimeout(() => connection.end(), IDLE_MS).unref();
  };
  // A client that breaks off, or speaks another protocol, is no failure of ours.
  connection.on('error', () => undefined);
  connection.on('close', () => clearTimeout(idle));
  connection.on('authentication', async (asked) => {
    if (++tries > MOST_TRIES) return void connection.end();
    try {
      await letIn(options, asked);
      userName = asked.username;
    } catch (error) {
      options.failed(error);
      connection.end();
    }
  });
  connection.on('ready', () => {
    options.known();
    rest();
  });
  connection.on('session', (accept, reject) => {
    if (sessions >= MOST_SESSIONS) return reject();
    sessions++;
    const session = accept();
    session.on('close', () => sessions--);
    serveSession(session, { ...options, userName }, (channel) => {
      running++;
      rest();
      options.channels.add(channel);
      channel.on('close', () => {
        running--;
        rest();
        options.channels.delete(channel);
      });
    });
  });
}

/** Whoever is not let in hears the same: the name of a user who is not there is as wrong as another key. */
async function letIn({ find }: Serving, asked: AuthContext): Promise<void> {
  const found = await find(asked.username);
  if (found === 'anybody') return asked.accept();
  if (asked.method !== 'publickey' || !found || !isKey(asked, found)) {
    return asked.reject(['publickey']);
  }
  asked.accept();
}

/** Without a signature a client asks only whether it is worth the while to sign. */
function isKey(asked: PublicKeyAuthContext, { blob, key }: UserKey): boolean {
  const { signature, blob: signed, hashAlgo } = asked;
  const { data } = asked.key;
  if (data.length !== blob.length || !timingSafeEqual(data, blob)) return false;
  // `ssh-rsa` signs SHA-1, which nobody should take any more.
  if (hashAlgo !== 'sha256' && hashAlgo !== 'sha512') return false;
  return !signature || !signed || verify(hashAlgo, signed, key, signature);
}

function serveSession(
  session: Session,
  options: Serving & { userName: string },
  began: (channel: ServerChannel) => void,
): void {
  let protocol: string | undefined;
  session.on('env', (accept, reject, { key, val }) => {
    if (key !== 'GIT_PROTOCOL') return reject?.();
    protocol = val;
    accept?.();
  });
  session.on('shell', (accept) => {
    const channel = accept();
    if (!channel) return;
    began(channel);
    channel.on('error', () => undefined);
    channel.resume();
    channel.write(`${options.greeting}\n`);
    ended(channel, 0);
  });
  session.on('exec', async (accept, _reject, { command }) => {
    const channel = accept();
    if (!channel) return;
    began(channel);
    channel.on('error', () => undefined);
    const gone = new AbortController();
    channel.on('close', () => gone.abort());
    const input = inputOf(channel);
    const { userName, client, remoteAddress } = options;
    const exec = { userName, command, protocol, client, remoteAddress, input, channel };
    const status = await options.run({ ...exec, signal: gone.signal }).catch((error) => {
      if (!gone.signal.aborted) options.failed(error);
      return 1;
    });
    input.destroy();
    ended(channel, status);
  });
}

/** The channel's one way as a stream of its own: whoever has read enough of it must not close the other. */
function inputOf(channel: ServerChannel): PassThrough {
  const input = new PassThrough();
  // Nobody may be listening any more.
  input.on('error', () => undefined);
  channel.pipe(input);
  channel.on('close', () => input.destroy());
  // Read on, so that the client's end is heard.
  input.on('close', () => channel.resume());
  return input;
}

function ended(channel: ServerChannel, status: number): void {
  if (channel.destroyed || !channel.writable) return;
  channel.exit(status);
  channel.end();
}
