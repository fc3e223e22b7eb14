import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { finished, pipeline, type Readable, Transform, type Writable } from 'node:stream';
import { TRANSPORT } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import type { ExchangeRequest, TransportRequest } from './git-host.ts';
import { zeroObjectId } from './names.ts';
import { flushPacket, packet } from './pkt-line.ts';
import { type RunningGit, startGit } from './process.ts';
import { ProcessStream } from './process-stream.ts';
import { lostReport } from './push-report.ts';
import { ReferenceLostError } from './reference-lost.ts';
import { withoutPlace } from './without-place.ts';

/**
 * git's exit code when it refuses, as it refuses objects that are not there: the client has been told, in the
 * protocol, and the answer ends as git http-backend ends it. A pack that breaks off fails its own checksum.
 */
const REFUSED = 128;

/** What a fetch may ask: object ids that it wants and has. Packs travel the other way. */
const LARGEST_FETCH_REQUEST = 256 * 1024 * 1024;
const MIB = 1024 * 1024;

/** The Git-Protocol header goes into git's environment: only what git's own clients send gets there. */
function protocolEnvironment(protocol: string | undefined): Record<string, string> {
  return protocol && /^[a-z0-9=:._-]{1,128}$/i.test(protocol) ? { GIT_PROTOCOL: protocol } : {};
}

/** How long a client over a connection may say nothing. */
const SILENCE_SECONDS = 600;

/** What the hook is told. */
const pushEnvironment = ({ push }: GitRuntime) => ({
  SLIPWAY_MOST_BLOB: String(push.blob),
  SLIPWAY_MOST_COMMIT: String(push.commit),
});

function asksForVersion2(protocol: string | undefined): boolean {
  return protocol?.split(':').includes('version=2') ?? false;
}

function subcommand({ service }: TransportRequest): string {
  return service === 'git-receive-pack' ? 'receive-pack' : 'upload-pack';
}

/** See GitRepository.advertise; gitprotocol-http(5), Smart Clients. */
export function advertise(
  runtime: GitRuntime,
  directory: string,
  request: TransportRequest,
): Readable {
  const git = startGit(
    runtime,
    directory,
    [subcommand(request), '--stateless-rpc', '--http-backend-info-refs', directory],
    { env: protocolEnvironment(request.protocol), bounds: TRANSPORT },
  );
  git.process.stdin.end();
  const named = Buffer.concat([packet(`# service=${request.service}\n`), flushPacket]);
  // Version 2 begins with its own greeting; git http-backend decides in the same way.
  const plain = request.connected || asksForVersion2(request.protocol);
  return new ProcessStream(git, plain ? {} : { prefix: named });
}

/** @param fits whether so many bytes in all, and so many with this piece, may come */
function counted(fits: (all: number, more: number) => boolean, otherwise: Error): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (fits(seen, chunk.length)) done(null, chunk);
      else done(otherwise);
    },
  });
}

/** What a push asks for: its name in git's bytes (latin1). */
export interface Move {
  name: string;
  /** It is to be deleted. */
  gone: boolean;
}

/** What a push passes before its references move. */
export interface Gate {
  /**
   * Waits until they may.
   * @param moves what may move; left out: all
   * @param quarantine the name of git's folder of what has come, below `objects`; left out: nothing has
   * @returns what makes durable that they have, however git has ended @throws Error with what the client is told
   */
  enter(moves?: readonly Move[], quarantine?: string): Promise<() => Promise<void>>;
  /** Git has ended and has not asked. @throws Error where references have moved all the same, and are back now */
  missed(): Promise<void>;
  /** For what is received: how much that may be, and whether so much more may come. Git adds to it what it is deltas of. */
  room: { most: number; took(bytes: number): boolean };
}

/** There is no room for all of a push. Git is told that it ends here, and tells the client that it could not unpack it. */
class NoRoomError extends Error {}

/**
 * A push without its hook would be bounded by nothing, and would wait for nobody.
 * @throws Error where git would not run it
 */
export function checkHook({ hooks }: GitRuntime): void {
  try {
    accessSync(join(hooks, 'pre-receive'), constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new Error('The hook for pushes cannot be run: no push is taken', { cause: error });
  }
}

/** See GitRepository.exchange. @param gate for a push whose references are not durable by themselves; the hook asks for it */
export function exchange(
  runtime: GitRuntime,
  directory: string,
  request: ExchangeRequest,
  gate?: Gate,
): Readable {
  const fetches = request.service === 'git-upload-pack';
  if (!fetches) checkHook(runtime);
  // Over a connection, too, a push has been told the references before it is asked for what it sends.
  const rpc = fetches && request.connected ? [`--timeout=${SILENCE_SECONDS}`] : ['--stateless-rpc'];
  const most = gate ? ['-c', `receive.maxInputSize=${gate.room.most}`] : [];
  const settings = ['-c', `core.hooksPath=${runtime.hooks}`, ...most];
  const git = startGit(runtime, directory, [...settings, subcommand(request), ...rpc, directory], {
    env: {
      ...protocolEnvironment(request.protocol),
      ...pushEnvironment(runtime),
      ...(gate && { SLIPWAY_GATE: '1' }),
    },
    // What git adds to a pack does not count for its own bound: a few bytes can name any object there is.
    bounds: { ...TRANSPORT, ...(gate && { fileMib: Math.ceil(gate.room.most / MIB) }) },
    asks: gate !== undefined,
  });
  const gated = gate && passing(git, gate);
  const through = fetches
    ? counted((all) => all <= LARGEST_FETCH_REQUEST, new Error('The request is too large'))
    : counted((_all, more) => gate?.room.took(more) ?? true, new NoRoomError());
  feed(request.body, through, git);
  const said = new ProcessStream(git, {
    refusal: REFUSED,
    ...(gated && { held: gated.asked }),
    instead: (failure) =>
      failure instanceof ReferenceLostError && request.push
        ? lostReport(request.push, failure)
        : undefined,
    async finished() {
      try {
        await gated?.leave();
      } finally {
        await request.finished?.();
      }
    },
  });
  return fetches ? said : pipeline(said, withoutPlace(directory), () => undefined);
}

function feed(body: Readable, through: Transform, git: RunningGit): void {
  pipeline(through, git.process.stdin, (error) => {
    // A client that goes away in the middle must not leave git waiting for the rest.
    if (error && !isClosedPipe(error) && !(error instanceof NoRoomError)) {
      git.kill();
      body.destroy();
    } else {
      // When git has read all that it wants, what it answers is whole: the client hears it when it has sent the rest.
      body.unpipe(through).resume();
    }
  });
  finished(body, { writable: false }, (error) => {
    if (error) through.destroy(error);
  });
  body.pipe(through);
}

function passing({ process }: RunningGit, gate: Gate) {
  const [, , , asking, answering] = process.stdio as unknown as [
    null,
    null,
    null,
    Readable,
    Writable,
  ];
  let entered: Promise<() => Promise<void>> | undefined;
  let asked = '';
  answering.on('error', () => undefined);
  asking.on('error', () => undefined);
  asking.on('data', (chunk: Buffer) => {
    asked += chunk.toString('latin1');
    if (entered || !asked.endsWith('\n\n')) return;
    const [first = '', ...lines] = asked.split('\n');
    entered = gate.enter(lines.flatMap(moveIn), /^quarantine ([\w-]+)$/.exec(first)?.[1]);
    // Who reads slowly does not keep the turn: what git says from here on is kept for him.
    process.stdout?.resume();
    entered.then(
      () => answering.write('go\n'),
      (error: Error) => answering.write(`${error.message.replaceAll(/\s+/g, ' ')}\n`),
    );
  });
  return {
    asked: () => entered !== undefined,
    async leave() {
      answering.destroy();
      if (!entered) return await gate.missed();
      // Who was not let in was told why.
      const end = await entered.catch(() => undefined);
      await end?.();
    },
  };
}

/** Of what git tells a hook: an old id, a new one, and a name. */
function moveIn(line: string): Move[] {
  const [, id, name] = /^\S+ (\S+) (.+)$/.exec(line) ?? [];
  return name === undefined ? [] : [{ name, gone: id === zeroObjectId }];
}

function isClosedPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ECONNRESET';
}
