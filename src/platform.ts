import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { makeAdminRoutes } from './admin.ts';
import type { ApiFace } from './aws/api.ts';
import { makeBodyBudget } from './aws/auth/body-budget.ts';
import { openSession } from './aws/auth/session-token.ts';
import { type Dispatcher, makeDispatcher } from './aws/dispatcher.ts';
import type { WireRequest, WireResponse } from './aws/http.ts';
import { makeRecorder } from './aws/record.ts';
import { makeRoutes, type Routes } from './aws/routes.ts';
import { makeTokenSealer } from './aws/tokens.ts';
import { makeOutputCheck } from './aws/validate/output.ts';
import { makeValidator } from './aws/validate/validator.ts';
import { makeFileBlobs } from './blobs/file-blobs.ts';
import type { Config } from './config.ts';
import { makeConsoleRoutes } from './console/console.ts';
import { liveEvents } from './console/live/subscription.ts';
import { migrations as consoleMigrations } from './console/migrations/index.ts';
import type { ServiceMigrations } from './db/migrate.ts';
import { reserved } from './db/reserved.ts';
import type { Engine } from './engine/engine.ts';
import { makeEngine } from './engine/make-engine.ts';
import { makeEvents } from './engine/make-events.ts';
import { engineMigrations } from './engine/migrations.ts';
import { chooseExecutors } from './executors/choose.ts';
import type { Executor } from './executors/executor.ts';
import { Executors } from './executors/several.ts';
import { freesRoom, sparing, watchDisk, withoutReserve } from './full-disk.ts';
import { makeSealedGitHost, type SealedGitHostOptions } from './git/sealed/host.ts';
import { makeWorkingPlace } from './git/sealed/place.ts';
import { makeAuthorizeAs } from './kit/authorize-as.ts';
import { makeCertificates } from './kit/certificates.ts';
import { makeClientFactory } from './kit/clients.ts';
import { makeIdentities } from './kit/identities.ts';
import { type LazyService, lazyService } from './kit/lazy-service.ts';
import type { Registered } from './kit/manifest.ts';
import { joinProvides } from './kit/provides.ts';
import { makeQuotas } from './kit/quotas.ts';
import { makeResourceTags } from './kit/resource-tags.ts';
import type { Platform, ServiceDefinition } from './kit/service.ts';
import { makeSessionTargets } from './kit/session-targets.ts';
import type { RootKey } from './lib/accounts.ts';
import { type Clock, systemClock } from './lib/clock.ts';
import { DiskReserve } from './lib/disk-reserve.ts';
import { isLoopback } from './lib/loopback.ts';
import { ownValue } from './lib/own.ts';
import { accountOf, makeRootKeys } from './lib/root-key.ts';
import { logCalls, makeLog } from './log.ts';
import { makeMetrics } from './metrics.ts';
import { makeBalancers } from './network/balancing/balancers.ts';
import { makeMailer } from './network/mail.ts';
import { makeOutbound } from './network/outbound.ts';
import { SERVICES } from './services/registry.ts';
import { openState, type State } from './state.ts';
import { traces } from './telemetry/executions.ts';

/** Everything behind the port. */
export interface Server {
  platform: Platform;
  handle(request: WireRequest): Promise<WireResponse>;
  routes: Routes;
  rootKey: RootKey;
  /** Settles when `ca.pem` is there. */
  caMade: Promise<void>;
  apis: readonly ApiFace[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a test, or a server that knows more, puts in the place of what `compose` would take. */
export interface Overrides {
  /** Base URL of the server: known once the port is open. */
  endpoint?(): string;
  /** Where git over SSH is: known once its port is open. */
  ssh?: Platform['ssh'];
  clock?: Clock;
  log?: Logger;
  /** Default: those of the registry. */
  services?: readonly Registered[];
  /** Folder of the services' contract files. Default: `contracts/`. */
  contracts?: string;
  /** Opens what lasts. Default: the data directory. */
  openState?(config: Config, schema: ServiceMigrations[], log: Logger): Promise<State>;
  executor?: Executor;
  /** Put something around a part, which everybody gets in its place. */
  around?: {
    [P in 'authorizer' | 'authorizeAs' | 'client' | 'events' | 'mail' | 'outbound']?: (
      part: Platform[P],
    ) => Platform[P];
  };
}

/**
 * Constructs everything, in the order in which things stand on each other: for the server, the tests and the benchmarks.
 * Nothing works on its own before `start`.
 * @throws StartError, UsageError
 */
export async function compose(given: Config, overrides: Overrides = {}): Promise<Server> {
  const config = { ...given, accountId: accountOf(given) };
  const { clock = systemClock, log = makeLog(config.logLevel), around = {} } = overrides;
  const endpoint = overrides.endpoint ?? (() => '');
  const services = await servicesOf(overrides.services);
  const provided = joinProvides(services);
  const quotas = makeQuotas(services, config.quotas, provided.raisedQuota);
  // Before anything is made: a start that has nowhere to run builds leaves nothing behind.
  const { executors, warning } = overrides.executor
    ? { executors: new Executors([overrides.executor]), warning: undefined }
    : await executorsFor(config);
  const state = await (overrides.openState ?? openState)(config, schemaOf(services), log);
  // Whatever the level of the log: whoever starts a server has to know.
  if (warning) process.stderr.write(`slipway: WARNING: ${warning}\n`);
  const { database: plain, vault, rootKey, reserve = new DiskReserve(config.dataDir) } = state;
  const database = plain.dialect === 'sqlite' ? reserved(plain, reserve) : plain;
  const spared = sparing(plain, reserve);
  const foundation = {
    ...{ config, database, vault, clock },
    rootKeys: makeRootKeys(config.dataDir, rootKey),
    resourceTags: makeResourceTags(services, database.db),
    events: () => platform.events,
    failed: (error: unknown, what: string) => log.warn({ err: error }, what),
  };
  const credentials = provided.credentials(foundation);
  const authorizer = placed(provided.authorizer(foundation), around.authorizer);
  const observers = provided.observers.map((observer) =>
    observer({ ...foundation, database: spared }),
  );
  const metrics = makeMetrics();
  // What calls of operations and of routes alike need of the server.
  const calls = {
    authorizer,
    credentials,
    mode: config.auth,
    defaults: { accountId: config.accountId, region: config.region },
    clock,
    budget: makeBodyBudget(),
    record: makeRecorder(clock, [
      metrics.observe,
      logCalls(log),
      ...observers.map(({ note }) => note),
    ]),
    unexpected: (error: unknown, call: object) =>
      log.error({ err: error, ...call }, 'a call failed for a reason that is ours'),
  };
  const dispatch: Dispatcher = makeDispatcher({
    ...calls,
    served: services.flatMap((service) => service.served),
    tokens: makeTokenSealer(vault),
    validate: makeValidator(overrides.contracts),
    checkOutput: config.checkOutputs ? makeOutputCheck(overrides.contracts) : undefined,
    context: (facts, operation) => Object.assign(Object.create(platformFor(operation)), facts),
  });
  const { engine, events } = await makeEngineAndEvents(
    { config, database, clock, log },
    services,
    () => platform,
  );
  const identityOf = makeIdentities({
    openSession: (token) => openSession(vault, token),
    isCurrent: credentials.isCurrent,
    ...{ dispatch, clock, endpoint },
  });
  const authorizeAs = makeAuthorizeAs({ authorizer, identityOf, endpoint });
  const apis = services.flatMap((service) => service.served.map(({ face }) => face));
  const names = new Set(apis.map(({ name }) => name));
  const client = makeClientFactory({
    ...{ dispatch, identityOf, endpoint, authorizeAs, upstream: config.upstream },
    isServed: (service) => names.has(service),
  });
  const sessionTargets = makeSessionTargets(services);
  const platform: Platform = {
    dialect: database.dialect,
    db: database.db,
    transaction: database.transaction.bind(database),
    synced: database.synced.bind(database),
    close: state.close,
    disk: reserve,
    ...{ config, clock, engine, executors, vault, quotas, log, credentials, authorizer },
    events: placed(events, around.events),
    blobs: makeFileBlobs(join(config.dataDir, 'blobs')),
    git: gitFor(config, {
      async dataKey(id) {
        if (!provided.repositories) throw new Error('No service has repositories here.');
        return provided.repositories.key(platform, id);
      },
      isKnown: async (id) => provided.repositories?.exist(platform, id) ?? true,
    }),
    serverEndpoint: endpoint,
    ssh: overrides.ssh ?? (() => undefined),
    sessionTarget: (...named) => sessionTargets(platform)(...named),
    certificates: makeCertificates(services, vault),
    balancers: balancersFor(config, clock, { endpoint, ssh: overrides.ssh }),
    mail: placed(mailerFor(config), around.mail),
    outbound: placed(outboundFor(config, endpoint), around.outbound),
    async recorded() {
      for (const observer of observers) await observer.settled();
    },
    client: placed(client, around.client),
    reaches: (service) => names.has(service) || ownValue(config.upstream, service) !== undefined,
    authorizeAs: placed(authorizeAs, around.authorizeAs),
  };
  const taking = withoutReserve(platform, spared, reserve);
  const platformFor = (operation: string) => (freesRoom(operation) ? platform : taking);
  let unwatch = async () => {};
  const routes = makeRoutes<Platform>({
    routes: [
      ...makeAdminRoutes(metrics),
      ...makeConsoleRoutes({ dispatch, apis, signIn: provided.signIn?.(foundation) }),
      ...services.flatMap((service) => service.routes),
    ],
    platform: platformFor,
    ...calls,
  });
  return {
    platform,
    rootKey,
    caMade: state.caMade,
    apis,
    handle: (request) => routes.serve(request) ?? dispatch(request),
    routes,
    async start() {
      await engine.start();
      if (state.reserve) unwatch = watchDisk({ reserve, database, engine, log });
    },
    async stop() {
      await unwatch();
      await stop(platform);
    },
  };
}

function placed<T>(part: T, around: ((part: T) => T) | undefined): T {
  return around ? around(part) : part;
}

async function servicesOf(given: readonly Registered[] | undefined): Promise<LazyService[]> {
  const registered = given ?? (await Promise.all(Object.values(SERVICES).map((one) => one())));
  return Promise.all(registered.map(lazyService));
}

/** All steps of the schema, the engine's first. */
export function schemaOf(
  services: readonly Pick<ServiceDefinition, 'name' | 'migrations'>[],
): ServiceMigrations[] {
  return [
    { service: 'engine', migrations: engineMigrations },
    { service: 'console', migrations: consoleMigrations },
    ...services.map(({ name, migrations = [] }) => ({ service: name, migrations })),
  ];
}

async function stop(platform: Platform): Promise<void> {
  await platform.engine.stop();
  await platform.git.close();
  await platform.recorded();
  await platform.close();
}

function gitFor(
  { dataDir, searchPath, workingCopies }: Config,
  asked: Pick<SealedGitHostOptions, 'dataKey' | 'isKnown'>,
) {
  const place = makeWorkingPlace(workingCopies);
  // Whatever the level of the log, as above.
  if (!place.inMemory && workingCopies === undefined)
    process.stderr.write(
      `slipway: WARNING: there is no memory for working copies of repositories: those in use can be read in ${place.directory}. --working-copies names another directory.\n`,
    );
  return makeSealedGitHost({
    ...{ directory: join(dataDir, 'repositories'), place, searchPath },
    ...asked,
  });
}

function mailerFor({ smtpUrl, mailFrom: from, dataDir }: Config) {
  return makeMailer({ smtpUrl, from, outbox: join(dataDir, 'outbox') });
}

/** Who alone reaches the server, programs on this machine, may have it call such programs. */
function outboundFor({ host, allowedTargets }: Config, endpoint: () => string) {
  return makeOutbound({
    allowed: allowedTargets,
    loopback: isLoopback(host),
    ownPort: () => Number(new URL(endpoint()).port),
  });
}

/** Targets are what `outboundFor` lets users call. */
function balancersFor(
  { host, allowedTargets }: Config,
  clock: Clock,
  { endpoint, ssh }: { endpoint: () => string; ssh: Overrides['ssh'] },
) {
  const ownPorts = () => [Number(new URL(endpoint()).port), ssh?.()?.port ?? 0];
  return makeBalancers({ clock, allowed: allowedTargets, loopback: isLoopback(host), ownPorts });
}

function executorsFor(config: Config) {
  return chooseExecutors({
    kind: config.executor,
    stateDir: join(config.dataDir, 'work'),
    path: config.searchPath,
    host: config.host,
    secrets: [config.readyFile, config.tlsKey].filter((path) => path !== undefined),
    ...{ allowUnsandboxed: config.allowUnsandboxedBuilds, pull: config.imagePull },
    dockerElsewhere: config.dockerElsewhere,
  });
}

/** The engine runs the services' reconcilers, and those that deliver events; events wake reconcilers of the engine. */
async function makeEngineAndEvents(
  { config, ...base }: { config: Config; clock: Clock; log: Logger } & Pick<State, 'database'>,
  services: readonly LazyService[],
  context: () => Platform,
) {
  const wake: Engine['wake'] = (...wakeUp) => engine.wake(...wakeUp);
  const subscriptions = [
    ...services.flatMap((service) => service.subscriptions),
    liveEvents(base.clock),
    ...(config.otlp ? [traces(config.otlp)] : []),
  ];
  const events = makeEvents<Platform>({ ...base, subscriptions, wake });
  const engine = await makeEngine<Platform>({
    ...base,
    reconcilers: [...services.flatMap((service) => service.reconcilers), ...events.reconcilers],
    context,
    // On port 0 the name cannot be known before the port is, nor be the same after a restart.
    nodeId: config.port === 0 ? undefined : `${hostname()}:${config.port}`,
  });
  return { engine, events };
}
