import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { makeAdminRoutes, makeMetrics } from './admin.ts';
import type { Api } from './aws/api.ts';
import { makeBodyBudget } from './aws/auth/body-budget.ts';
import { type CallRecord, makeDispatcher } from './aws/dispatcher.ts';
import { refuseForeignPages } from './aws/gate.ts';
import type { WireRequest, WireResponse } from './aws/http.ts';
import { makeHttpServer } from './aws/http-server.ts';
import { makeRoutes, type Routes } from './aws/routes.ts';
import { makeTokenSealer } from './aws/tokens.ts';
import { makeValidator } from './aws/validate/validator.ts';
import { makeFileBlobs } from './blobs/file-blobs.ts';
import { type Config, readConfig, UP_USAGE } from './config.ts';
import type { OpenDatabase } from './db/database.ts';
import type { Engine } from './engine/engine.ts';
import { makeEngine } from './engine/make-engine.ts';
import { makeEvents } from './engine/make-events.ts';

import { chooseExecutor } from './executors/choose.ts';

import type { Executor } from './executors/executor.ts';
import { makeGitHost } from './git/local-git-host.ts';
import { makeClientFactory } from './kit/clients.ts';
import { makeQuotas } from './kit/quotas.ts';
import type { Platform, ServiceDefinition } from './kit/service.ts';
import type { RootKey } from './lib/accounts.ts';
import { systemClock } from './lib/clock.ts';
import { writeAtomically } from './lib/files.ts';
import { accountOf, makeRootKeys } from './lib/root-key.ts';
import { StartError, startSentence, UsageError } from './lib/start-error.ts';
import { makeLog } from './log.ts';
import { makeOwnIdentity } from './own-identity.ts';
import { serverNames, tlsNames } from './server-names.ts';
import { bearableBuilds } from './services/codebuild/limits.ts';
import { makeAuthorizer } from './services/iam/authorizer.ts';
import { makeCredentialStore } from './services/iam/credential-store.ts';
import { makeRoleUses } from './services/iam/role-use.ts';
import { SERVICES } from './services/registry.ts';
import { assumeRoleForService } from './services/sts/assume-role.ts';
import { checkStart } from './start-checks.ts';
import { openState } from './state.ts';

/** How long a stop waits for requests and reconcilers that are under way. */
const DRAIN_MS = 10_000;

/** Everything behind the port. */
interface Server {
  handle(request: WireRequest): Promise<WireResponse>;
  routes: Pick<Routes, 'upgrades' | 'upgrade'>;
  rootKey: RootKey;
  /** Where builds run, in words. */
  builds: string;
  /** Settles when `ca.pem` is there. */
  caMade: Promise<void>;
  apis: readonly Api[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Constructs everything, in the order in which things stand on each other. @param endpoint known once the port is open */
async function compose(config: Config, endpoint: () => string): Promise<Server> {
  const log = makeLog(config.logLevel);
  const clock = systemClock;
  const services = await Promise.all(
    Object.values(SERVICES).map(async (load) => (await load()).default),
  );
  const quotas = makeQuotas(services, config.quotas);
  // Before anything is made: a start that has nowhere to run builds leaves nothing behind.
  const { executor, warning } = await executorFor(config);
  const state = await openState(config, services, log);
  // Whatever the level of the log: whoever starts a server has to know.
  if (warning) process.stderr.write(`slipway: WARNING: ${warning}\n`);
  const { database, vault, rootKey } = state;
  const credentials = makeCredentialStore({
    database,
    vault,
    clock,
    rootKeys: makeRootKeys(config.dataDir, rootKey),
    mode: config.auth,
  });
  const authorizer = makeAuthorizer({ database, clock, mode: config.auth });
  const metrics = makeMetrics();
  const roleUses = makeRoleUses({
    database,
    clock,
    failed: (error) => log.warn({ err: error }, 'the use of a role was not noted'),
  });
  // What calls of operations and of routes alike need of the server.
  const calls = {
    authorizer,
    credentials,
    mode: config.auth,
    defaults: { accountId: config.accountId, region: config.region },
    clock,
    budget: makeBodyBudget(),
    record(record: CallRecord) {
      metrics.observe(record);
      roleUses.note(record);
      log.debug(record, 'call');
    },
    unexpected: (error: unknown, call: object) =>
      log.error({ err: error, ...call }, 'a call failed for a reason that is ours'),
  };
  const dispatch = makeDispatcher({
    ...calls,
    implementations: services.flatMap((service) => service.apis),
    tokens: makeTokenSealer(vault),
    validate: makeValidator(),
    context: (facts) => Object.assign(Object.create(platform), facts),
  });
  const { engine, events } = await makeEngineAndEvents(
    config,
    database,
    services,
    log,
    () => platform,
  );
  const platform: Platform = {
    dialect: database.dialect,
    db: database.db,
    transaction: database.transaction.bind(database),
    close: state.close,
    config,
    clock,
    engine,
    events,
    blobs: makeFileBlobs(join(config.dataDir, 'blobs')),
    git: makeGitHost({
      directory: join(config.dataDir, 'repositories'),
      searchPath: config.searchPath,
    }),
    executor,
    vault,
    quotas,
    log,
    credentials,
    authorizer,
    serverEndpoint: endpoint,
    client: makeClientFactory({
      dispatch,
      assumeRole: (role) => assumeRoleForService(platform, role),
      isCurrent: credentials.isCurrent,
      clock,
      endpoint,
      upstream: config.upstream,
    }),
  };
  const routes = makeRoutes<Platform>({
    routes: [...makeAdminRoutes(metrics), ...services.flatMap((service) => service.routes ?? [])],
    platform: () => platform,
    ...calls,
  });
  return {
    rootKey,
    builds: await placeOfBuilds(platform.executor),
    caMade: state.caMade,
    apis: services.flatMap((service) => service.apis.map(({ api }) => api)),
    handle: (request) => routes.serve(request) ?? dispatch(request),
    routes,
    start: () => engine.start(),
    async stop() {
      await engine.stop();
      await platform.git.close();
      await roleUses.settled();
      await state.close();
    },
  };
}

function executorFor(config: Config) {
  return chooseExecutor({
    kind: config.executor,
    stateDir: join(config.dataDir, 'work'),
    path: config.searchPath,
    host: config.host,
    secrets: [config.readyFile, config.tlsKey].filter((path) => path !== undefined),
    allowUnsandboxed: config.allowUnsandboxedBuilds,
  });
}

/** The engine runs the services' reconcilers, and those that deliver events; events wake reconcilers of the engine. */
async function makeEngineAndEvents(
  config: Config,
  database: OpenDatabase,
  services: ServiceDefinition[],
  log: Logger,
  context: () => Platform,
) {
  const wake: Engine['wake'] = (...wakeUp) => engine.wake(...wakeUp);
  const subscriptions = services.flatMap((service) => service.subscriptions ?? []);
  const events = makeEvents<Platform>({ database, clock: systemClock, log, subscriptions, wake });
  const engine = await makeEngine<Platform>({
    database,
    clock: systemClock,
    log,
    reconcilers: [
      ...services.flatMap((service) => service.reconcilers ?? []),
      ...events.reconcilers,
    ],
    context,
    // On port 0 the name cannot be known before the port is, nor be the same after a restart.
    nodeId: config.port === 0 ? undefined : `${hostname()}:${config.port}`,
  });
  return { engine, events };
}

/** Opens the port and puts a server behind it. @returns what stops both */
async function serve(config: Config): Promise<() => Promise<void>> {
  const given = await checkStart(config);
  let endpoint = '';
  let server = await compose(config, () => endpoint);
  const names = serverNames(config.host, config.allowedHosts);
  const refuse = (request: WireRequest) =>
    refuseForeignPages(request, { mode: config.auth, hosts: names, apis: server.apis });
  const ofTls = () => tlsNames(names, config.region);
  const { tcp, closeIdle } = makeHttpServer({
    async handle(request) {
      const refused = refuse(request);
      if (refused) return refused;
      return isReset(config, request) ? reset() : server.handle(request);
    },
    // A refused request is answered as any other.
    upgrades: (request) => refuse(request) === undefined && server.routes.upgrades(request),
    upgrade: (request, socket, head) => server.routes.upgrade(request, socket, head),
    tls: given ? async () => given : makeOwnIdentity(config.dataDir, ofTls),
    failed: (error) => process.stderr.write(`slipway: a response could not be written: ${error}\n`),
  });
  /** A new server over a new directory takes the place of this one. */
  const reset = async (): Promise<WireResponse> => {
    const old = server;
    server = await compose(
      { ...config, dataDir: mkdtempSync(join(tmpdir(), 'slipway-')) },
      () => endpoint,
    );
    await server.start();
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
  await Promise.all([server.start(), server.caMade]);
  announce(config, { endpoint, builds: server.builds, ...server.rootKey });
  return async () => {
    tcp.close();
    closeIdle();
    await server.stop();
  };
}

/** `POST /_slipway/reset` forgets everything: only where nothing is kept anyway and nobody is identified. */
function isReset(config: Config, { method, path }: WireRequest): boolean {
  return (
    method === 'POST' && path === '/_slipway/reset' && config.ephemeral && config.auth === 'relaxed'
  );
}

async function placeOfBuilds(executor: Executor): Promise<string> {
  if (executor.kind === 'docker') return 'builds in Docker';
  const { kind } = await executor.isolation();
  return `builds as processes ${kind === 'none' ? 'WITHOUT A SANDBOX' : `in ${kind}`}`;
}

/** Tells people and programs where the server is and with what key it is used. */
function announce(
  config: Config,
  server: { endpoint: string; builds: string; accessKeyId: string; secretAccessKey: string },
): void {
  const { region, accountId } = config;
  const { endpoint, accessKeyId, secretAccessKey } = server;
  const ready = JSON.stringify({
    endpoint,
    region,
    accountId,
    accessKeyId,
    secretAccessKey,
    pid: process.pid,
  });
  writeAtomically(join(config.dataDir, 'server.json'), ready, 0o600);
  if (config.readyFile) writeAtomically(config.readyFile, ready, 0o600);
  process.stdout.write(
    `Slipway serves AWS's APIs at ${endpoint} (account ${accountId}, ${region})\n`,
  );
  process.stdout.write(
    `Data in ${config.dataDir}. For the aws command: eval "$(bin/slipway env --data ${config.dataDir})"\n`,
  );
  const most = config.builds ?? bearableBuilds();
  process.stdout.write(
    `${config.auth === 'strict' ? 'Strict IAM' : 'Relaxed: any signature is taken'}; ${server.builds}.\n` +
      `At most ${most} ${most === 1 ? 'build' : 'builds'} at once (--builds); more wait in QUEUED.\n`,
  );
  process.stdout.write('Ready.\n');
}

async function start(config: Config): Promise<() => Promise<void>> {
  config.accountId = accountOf(config);
  return serve(config);
}

async function main(argv: string[]): Promise<void> {
  if (argv[0] === 'up') argv = argv.slice(1);
  if (argv.includes('--help')) {
    process.stdout.write(`${UP_USAGE}\n`);
    return;
  }
  const config = readConfig(argv);
  if (config.ephemeral) config.dataDir = mkdtempSync(join(tmpdir(), 'slipway-'));
  const close = await start(config).catch((error) => {
    if (config.ephemeral) rmSync(config.dataDir, { recursive: true, force: true });
    const sentence = startSentence(error, config.dataDir);
    throw sentence === undefined ? error : new StartError(sentence);
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
    close().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`slipway: ${error.stack}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main(process.argv.slice(2)).catch((error) => {
  const usage = error instanceof UsageError;
  const known = usage || error instanceof StartError;
  process.stderr.write(`slipway: ${known ? error.message : error.stack}\n`);
  process.exit(usage ? 2 : 1);
});
