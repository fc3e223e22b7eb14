import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { relaxedPrincipal } from './aws/auth/relaxed.ts';
import type { WireResponse } from './aws/http.ts';
import type { Principal } from './aws/principal.ts';
import type { Config } from './config.ts';
import { MalformedPushError, packet, peekPush } from './git/pkt-line.ts';
import { Admission, type Admitted } from './git/ssh/admission.ts';
import { parseSshCommand, type SshCommand } from './git/ssh/command.ts';
import type { Exec, UserKey } from './git/ssh/connections.ts';
import { type HostKey, hostKeyOf, newSeed, SEED_BYTES } from './git/ssh/host-key.ts';
import { writeOnce } from './lib/files.ts';
import { StartError } from './lib/start-error.ts';
import type { Vault } from './lib/vault.ts';
import type { Server } from './platform.ts';

/** Where git over SSH is. */
export interface SshPlace {
  port: number;
  /** Of the host key: `SHA256:…`. */
  fingerprint: string;
}

export interface SshListening extends SshPlace {
  close(): void;
}

/** CC-SSH-03 */
const GREETING =
  'You have successfully authenticated over SSH. You can use Git to interact with CodeCommit. Interactive shells are not supported.';

/**
 * Opens the port for git over SSH (CC-SSH-01 to CC-SSH-04). What speaks SSH is loaded with the first connection. What a
 * client wants is asked of the routes that git over HTTP has, so that it passes the same stations.
 * @param server that there is by then
 * @throws StartError, and what the port says
 */
export async function listenSsh(
  config: Config,
  { port, vault, server }: { port: number; vault: Vault; server(): Server },
): Promise<SshListening> {
  const hostKey = readHostKey(config.dataDir, vault);
  const admission = new Admission();
  const sockets = new Set<Socket>();
  let connections: Promise<(socket: Socket, admitted: Admitted) => void> | undefined;
  const tcp = createServer(async (socket) => {
    const admitted = admission.admit(socket.remoteAddress ?? '');
    socket.on('error', () => undefined);
    if (!admitted) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      admitted.gone();
    });
    try {
      connections ??= connectionsOf(config, hostKey, server);
      const take = await connections;
      if (!socket.destroyed) take(socket, admitted);
    } catch (error) {
      socket.destroy();
      server().platform.log.error({ err: error }, 'a connection of SSH could not be taken');
    }
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(port, config.host, resolve);
  });
  return {
    port: (tcp.address() as AddressInfo).port,
    fingerprint: hostKey.fingerprint,
    close() {
      tcp.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const CONTEXT = 'ssh-host-key';

/** The key by which clients know the server again, made once and kept sealed. @throws StartError */
function readHostKey(dataDir: string, vault: Vault): HostKey {
  const file = join(dataDir, 'ssh-host.key');
  const sealed = writeOnce(file, vault.seal(newSeed(), CONTEXT), 0o600);
  try {
    const seed = vault.open(sealed.trim(), CONTEXT);
    if (seed.length === SEED_BYTES) return hostKeyOf(seed);
  } catch {
    // It says what is to be done below.
  }
  throw new StartError(
    `${file} is damaged, or sealed with another key than this master.key. Without it the server makes a new one, which its SSH clients have to accept.`,
  );
}

async function connectionsOf(config: Config, { openSsh }: HostKey, server: () => Server) {
  const { makeConnections } = await import('./git/ssh/connections.ts');
  return makeConnections({
    hostKey: openSsh,
    greeting: GREETING,
    find: (userName) => findKey(config, server(), userName),
    run: (exec) => run(config, server(), exec),
    failed: (error) => server().platform.log.warn({ err: error }, 'a command over SSH failed'),
  });
}

/** CC-SSH-01, CC-SSH-02: the user name is the id of an IAM user's public key. */
async function findKey(
  { auth }: Config,
  { platform }: Server,
  userName: string,
): Promise<UserKey | 'anybody' | undefined> {
  const found = await keyNamed(platform, userName);
  if (auth === 'relaxed') return found?.status === 'Inactive' ? undefined : 'anybody';
  return found?.status === 'Active' ? found : undefined;
}

const keyNamed = async ({ credentials }: Server['platform'], id: string) =>
  /^\w{20,128}$/.test(id) ? await credentials.findSshPublicKey(id) : undefined;

/** Whose the connection is by now. @returns undefined where the key has gone since it let him in */
async function principalOf(
  { auth, accountId }: Config,
  { platform }: Server,
  userName: string,
): Promise<Principal | undefined> {
  const found = await keyNamed(platform, userName);
  if (found) return found.status === 'Active' ? found.principal : undefined;
  if (auth === 'strict') return undefined;
  const claim = { accessKeyId: /^\d{12}$/.test(userName) ? userName : '', token: undefined };
  return relaxedPrincipal(platform.credentials, { ...claim, accountId, now: platform.clock.now() });
}

/** Repositories as their URL names them, and as `git clone APKA…@host:v1/repos/app` does. A `/` behind it is none (CC-GIT-01). */
const REPOSITORY = /^\/?(v1\/repos\/)([^/]+)$/;

/** @returns the exit status */
async function run(config: Config, server: Server, exec: Exec): Promise<number> {
  const command = parseSshCommand(exec.command);
  if (!command) return said(exec, `${GREETING}\nNo command but git's can be run here.`);
  const principal = await principalOf(config, server, exec.userName);
  if (!principal) return said(exec, 'The SSH key is no longer active.');
  const [, root, name] = REPOSITORY.exec(command.path) ?? [];
  if (root === undefined || name === undefined) return refused(exec, 'Repository not found.');
  const place = `/${root}${encodeURIComponent(name)}`;
  const { service } = command;
  const ask: Ask = async (method, path, query, body) => {
    const request = { ...requestOf(exec, service), ...{ method, path: `${place}${path}` } };
    const answer = await server.routes.serve({ ...request, query, body, ssh: { principal } });
    return answer ?? { status: 404, headers: {}, body: 'Repository not found.' };
  };
  return service === 'git-upload-pack' ? fetched(exec, ask) : pushed(exec, ask);
}

type Ask = (method: string, path: string, query: string, body: Readable) => Promise<WireResponse>;

async function fetched(exec: Exec, ask: Ask): Promise<number> {
  const answer = await ask('POST', '/git-upload-pack', '', exec.input);
  if (answer.status !== 200) return refused(exec, textOf(answer));
  await answered(exec, answer);
  return 0;
}

/** A client may run a hook of its own between what it is told and what it sends. */
const HOOK_MS = 60 * 60_000;

/** As over HTTP a push is two calls: which references there are, and what becomes of them. */
async function pushed(exec: Exec, ask: Ask): Promise<number> {
  const { input } = exec;
  const told = await ask('GET', '/info/refs', 'service=git-receive-pack', Readable.from([]));
  if (told.status !== 200) return refused(exec, textOf(told));
  await answered(exec, told);
  const late = setTimeout(() => input.destroy(), HOOK_MS).unref();
  try {
    // It has seen that there is nothing to push.
    if ((await peekPush(input)).commands.length === 0) return 0;
  } catch (error) {
    if (error instanceof MalformedPushError) return said(exec, `${error.message}.`);
    throw error;
  } finally {
    clearTimeout(late);
  }
  const answer = await ask('POST', '/git-receive-pack', '', input);
  if (answer.status !== 200) return said(exec, textOf(answer));
  await answered(exec, answer);
  return 0;
}

/** What all requests of one command have. */
const requestOf = (
  { client, protocol, remoteAddress, signal }: Exec,
  service: SshCommand['service'],
) => ({
  ...{ remoteAddress, signal, endpoint: 'ssh:' },
  headers: {
    'content-type': `application/x-${service}-request`,
    'user-agent': client,
    ...(protocol !== undefined && { 'git-protocol': protocol }),
  },
});

/** Writes what the route answers, as fast as the client reads. */
async function answered({ channel, signal }: Exec, { body = '' }: WireResponse): Promise<void> {
  if (!(body instanceof Readable)) {
    channel.write(body);
    return;
  }
  signal.addEventListener('abort', () => body.destroy(), { once: true });
  body.pipe(channel, { end: false });
  await finished(body);
}

function textOf({ body = '' }: WireResponse): string {
  if (!(body instanceof Readable)) return body.toString().trim();
  body.destroy();
  return 'The server refused it.';
}

/** In git's protocol, so that the client says it as the server's word. */
function refused({ channel }: Exec, text: string): number {
  channel.write(packet(`ERR ${text}\n`));
  return 1;
}

/** For people to read. */
function said({ channel }: Exec, text: string): number {
  channel.stderr.write(`${text}\n`);
  return 1;
}
