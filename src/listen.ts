import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuseForeignPages } from './aws/gate.ts';
import type { WireRequest, WireResponse } from './aws/http.ts';
import { makeHttpServer } from './aws/http-server.ts';
import { sandboxed } from './aws/user-content.ts';
import type { Config } from './config.ts';
import { StartError } from './lib/start-error.ts';
import { makeOwnIdentity } from './own-identity.ts';
import { compose, type Overrides, type Server } from './platform.ts';
import { serverNames, tlsNames } from './server-names.ts';
import { listenSsh, type SshListening } from './ssh.ts';
import { checkStart } from './start-checks.ts';

/** A server that serves. */
export interface Listening {
  endpoint: string;
  server: Server;
  /** Closes the port, and stops what is behind it. */
  close(): Promise<void>;
}

/**
 * Opens the port and puts a server behind it.
 * @param overrides what tests put in the place of parts
 * @throws StartError, UsageError, and what the port says
 */
export async function listen(
  config: Config,
  overrides: Pick<Overrides, 'services' | 'contracts' | 'clock'> = {},
): Promise<Listening> {
  const given = await checkStart(config);
  let endpoint = '';
  let ssh: SshListening | undefined;
  const composed = (dataDir: string) =>
    compose({ ...config, dataDir }, { ...overrides, endpoint: () => endpoint, ssh: () => ssh });
  let server = await composed(config.dataDir);
  const names = serverNames(config.host, config.allowedHosts);
  const refuse = (request: WireRequest) =>
    refuseForeignPages(request, {
      mode: config.auth,
      hosts: names,
      apis: server.apis,
      region: config.region,
    });
  const ofTls = () => tlsNames(names, config.region);
  let identity = makeOwnIdentity(config.dataDir, ofTls);
  const { tcp, closeIdle } = makeHttpServer({
    async handle(request) {
      // At a host of its own: its pages are no part of this server's, and nothing that this server has is there.
      if (server.routes.isPublic(request)) return server.handle(request);
      const answer =
        refuse(request) ?? (isReset(config, request) ? reset() : server.handle(request));
      return sandboxed(request, await answer);
    },
    // A refused request is answered as any other.
    upgrades: (request) => refuse(request) === undefined && server.routes.upgrades(request),
    upgrade: (request, socket, head) => server.routes.upgrade(request, socket, head),
    tls: given ? async () => given : () => identity(),
    failed: (error) => process.stderr.write(`slipway: a response could not be written: ${error}\n`),
  });
  /** A new server over a new directory takes the place of this one. */
  const reset = async (): Promise<WireResponse> => {
    const old = server;
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-'));
    server = await composed(dataDir);
    await Promise.all([server.start(), server.caMade]);
    identity = makeOwnIdentity(dataDir, ofTls);
    await old.stop();
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"status":"reset"}',
    };
  };
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(config.port, config.host, resolve);
  });
  const { port } = tcp.address() as AddressInfo;
  endpoint = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  const { vault } = server.platform;
  ssh = await openSsh(config, { vault, server: () => server }).catch((error) => {
    tcp.close();
    throw error;
  });
  await Promise.all([server.start(), server.caMade]);
  return {
    endpoint,
    server,
    async close() {
      tcp.close();
      ssh?.close();
      closeIdle();
      await server.stop();
    },
  };
}

/** Git over SSH, unless another program has its usual port: nobody asked for that one. */
async function openSsh(
  config: Config,
  given: Omit<Parameters<typeof listenSsh>[1], 'port'>,
): Promise<SshListening | undefined> {
  if (!config.ssh) return undefined;
  const { port, given: isAsked } = config.ssh;
  try {
    return await listenSsh(config, { ...given, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const taken = `port ${port} of ${config.host} is in use by another program; --ssh-port takes another one`;
    if (isAsked) throw new StartError(`${taken}.`);
    process.stderr.write(`slipway: Git over SSH is off: ${taken}.\n`);
    return undefined;
  }
}

/** `POST /_slipway/reset` forgets everything: only where nothing is kept anyway and nobody is identified. */
function isReset(config: Config, { method, path }: WireRequest): boolean {
  return (
    method === 'POST' && path === '/_slipway/reset' && config.ephemeral && config.auth === 'relaxed'
  );
}
