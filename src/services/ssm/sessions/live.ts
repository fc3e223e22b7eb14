import type { WebSocket } from 'ws';
import type { ExecSession } from '../../../executors/executor.ts';
import type { Platform } from '../../../kit/service.ts';
import { PAYLOAD, sizeOf, TERMINATE } from '../../../lib/agent-message.ts';
import { ownValue } from '../../../lib/own.ts';
import { IDLE_MS, RESUME_MS, SEEN_EVERY_MS } from '../limits.ts';
import { DOCUMENTS, type Session } from '../model/session.ts';
import { findSession, noteSeen, setStatus } from '../store/sessions.ts';
import { DataChannel } from './data-channel.ts';
import { sessionTopic } from './topic.ts';

const FIRST_SIZE = { columns: 80, rows: 24 };
const AGENT_VERSION = '3.3.0.0';

/** The sessions of this server whose shell runs here. */
const here = new Map<string, LiveSession>();

/** Opens the channel of a session, or goes on with it where its shell runs. */
export async function connect(
  platform: Platform,
  session: Session,
  socket: WebSocket,
  behind: () => [Buffer, boolean][],
): Promise<void> {
  const running = here.get(session.sessionId);
  const live = running ?? new LiveSession(platform, session);
  const now = platform.clock.now().getTime();
  await platform.transaction((tx) => setStatus(tx, session.sessionId, 'Connected', now));
  live.connect(socket, behind());
  if (!running) await live.open(session.status === 'Connecting');
}

/** A shell, and who is at its other end. */
class LiveSession {
  readonly #platform: Platform;
  readonly #session: Session;
  readonly #channel: DataChannel;
  readonly #over = new AbortController();
  #shell: ExecSession | undefined;
  #size = FIRST_SIZE;
  /** Epoch milliseconds. */
  #active: number;
  #begun: Promise<void> | undefined;
  #alone: (() => void) | undefined;
  /** What cancels the timers of its own that are set: one of each kind. */
  #seen: (() => void) | undefined;
  #idle: (() => void) | undefined;

  constructor(platform: Platform, session: Session) {
    this.#platform = platform;
    this.#session = session;
    this.#active = platform.clock.now().getTime();
    this.#channel = new DataChannel(
      {
        received: (payloadType, payload) => this.#received(payloadType, payload),
        lost: () => this.#lost(),
      },
      () => platform.clock.now().getTime(),
    );
    here.set(session.sessionId, this);
  }

  /** @param behind what has come of it already */
  connect(socket: WebSocket, behind: [Buffer, boolean][]): void {
    this.#alone?.();
    this.#alone = undefined;
    this.#channel.attach(socket);
    for (const message of behind) socket.emit('message', ...message);
    socket.resume();
  }

  /** @param fresh its shell has never run; one that runs nowhere any more is over */
  async open(fresh: boolean): Promise<void> {
    if (!fresh) return this.#end('the session has ended');
    const { type } = ownValue(DOCUMENTS, this.#session.documentName) ?? { type: '' };
    this.#channel.send(PAYLOAD.handshakeRequest, {
      AgentVersion: AGENT_VERSION,
      RequestedClientActions: [
        { ActionType: 'SessionType', ActionParameters: { SessionType: type, Properties: {} } },
      ],
    });
    this.#watchIdle();
    this.#saySeen();
    void this.#watchEnd();
  }

  #received(payloadType: number, payload: Buffer): void | Promise<void> {
    this.#active = this.#platform.clock.now().getTime();
    if (
      payloadType === PAYLOAD.flag &&
      payload.length === 4 &&
      payload.readUInt32BE() === TERMINATE
    )
      return this.#end();
    if (payloadType === PAYLOAD.size) return this.#resize(payload);
    if (payloadType === PAYLOAD.handshakeResponse) {
      if (this.#begun) return;
      this.#channel.send(PAYLOAD.handshakeComplete, {
        HandshakeTimeToComplete: 0,
        CustomerMessage: '',
      });
      return this.#begin();
    }
    if (payloadType !== PAYLOAD.output) return;
    // Clients of before the handshake just type.
    return this.#begin().then(() => this.#type(payload));
  }

  #resize(payload: Buffer): void {
    const size = sizeOf(payload);
    if (!size) return;
    this.#size = size;
    void this.#shell?.resize?.(size).catch(() => {});
  }

  async #type(payload: Buffer): Promise<void> {
    const stdin = this.#shell?.stdin;
    if (!stdin?.writable || stdin.write(payload)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.#over.signal.removeEventListener('abort', go);
        resolve();
      };
      stdin.once('drain', go).once('close', go);
      this.#over.signal.addEventListener('abort', go, { once: true });
    });
  }

  /** What is typed before the shell is there waits for it. */
  #begin(): Promise<void> {
    this.#begun ??= this.#start();
    return this.#begun;
  }

  async #start(): Promise<void> {
    const { target, command } = this.#session;
    try {
      const found = await this.#platform.sessionTarget(this.#session, target);
      if (!found?.open) return await this.#end(`${target} is not connected.`);
      const { work, command: of } = found.open;
      const shell = await this.#platform.executors.exec(work, of(command), this.#size);
      if (this.#over.signal.aborted) return await shell.end();
      this.#shell = shell;
      // It may have come meanwhile.
      await shell.resize?.(this.#size);
      void this.#copy(shell);
    } catch (error) {
      this.#platform.log.warn({ session: this.#session.sessionId, err: error }, 'no shell');
      await this.#end(`${target} is not connected.`);
    }
  }

  async #copy({ output }: ExecSession): Promise<void> {
    try {
      for await (const chunk of output) if (!(await this.#channel.output(chunk as Buffer))) return;
    } catch {
      // The shell is gone, and so is the session.
    }
    await this.#end();
  }

  /** Somebody who comes back in time finds all as it was. */
  #lost(): void {
    const { sessionId } = this.#session;
    const until = new Date(this.#platform.clock.now().getTime() + RESUME_MS);
    this.#alone = this.#platform.clock.at(until, () => void this.#end());
    void this.#platform
      .transaction((tx) => setStatus(tx, sessionId, 'Disconnected', this.#now()))
      .catch(() => {});
  }

  #now(): number {
    return this.#platform.clock.now().getTime();
  }

  /** For those who ask what has become of it, should this server end without a word. */
  #saySeen(): void {
    const { clock } = this.#platform;
    this.#seen = clock.at(new Date(this.#now() + SEEN_EVERY_MS), () => {
      if (this.#over.signal.aborted) return;
      void this.#platform
        .transaction((tx) => noteSeen(tx, this.#session.sessionId, this.#now()))
        .catch(() => {});
      this.#saySeen();
    });
  }

  #watchIdle(): void {
    const { clock } = this.#platform;
    this.#idle = clock.at(new Date(this.#active + IDLE_MS), () => {
      if (clock.now().getTime() < this.#active + IDLE_MS) this.#watchIdle();
      else void this.#end('the session was idle for too long');
    });
  }

  /** TerminateSession, on whichever server it was called; and the end of this one. */
  async #watchEnd(): Promise<void> {
    const { db, engine } = this.#platform;
    const { sessionId } = this.#session;
    const look = async () => {
      const now = await findSession(db, sessionId).catch(() => this.#session);
      return now === undefined || now.status === 'Terminated' || undefined;
    };
    const until = new Date(8_640_000_000_000_000);
    await engine.heard(sessionTopic(sessionId), look, { until, signal: this.#over.signal });
    await this.#end();
  }

  /** @param reason for who is at the other end */
  async #end(reason = ''): Promise<void> {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    const { sessionId } = this.#session;
    here.delete(sessionId);
    for (const cancel of [this.#alone, this.#seen, this.#idle]) cancel?.();
    this.#channel.close(sessionId, reason);
    await this.#shell?.end().catch(() => {});
    // Where that cannot be noted, the session is found to be nowhere when somebody comes back.
    await this.#platform
      .transaction((tx) => setStatus(tx, sessionId, 'Terminated', this.#now()))
      .catch(() => {});
  }
}
