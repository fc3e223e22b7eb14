import { KMSClient, type KMSClientResolvedConfig } from '@aws-sdk/client-kms';
import { makeBuilder, ServiceException } from '@smithy/core/client';
import { getEndpointPlugin } from '@smithy/core/endpoints';
import { TypeRegistry } from '@smithy/core/schema';
import type {
  MetadataBearer,
  StaticErrorSchema,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types';
import type { Api } from '../api.ts';
import { makeBodyBudget } from '../auth/body-budget.ts';
import { rootPrincipal } from '../auth/root.ts';
import type { RequestFacts } from '../context.ts';
import { type Dispatcher, makeDispatcher, served } from '../dispatcher.ts';
import { inProcessConfig } from '../in-process.ts';
import type { CredentialStore } from '../principal.ts';
import type { Protocol } from './protocol.ts';

// A service of one operation, for tests of protocols: its schema is written by hand, its clients are the SDK's.

const NAMESPACE = 'test.toy';

/** Members of all kinds, and in all places that REST protocols have. */
export interface Thing {
  name?: string;
  number?: number;
  dry?: boolean;
  asked?: string[];
  since?: Date;
  tag?: string;
  /** In headers that begin alike. */
  meta?: Record<string, string>;
  /** In parameters that no other member has. */
  others?: Record<string, string>;
  colour?: string;
  when?: Date;
  data?: Uint8Array;
  tags?: Record<string, string>;
  list?: string[];
  inner?: { count?: number; on?: boolean; ratio?: number };
  inners?: { count?: number; on?: boolean; ratio?: number }[];
}

const Inner: StaticStructureSchema = [
  ...[3, NAMESPACE, 'Inner', 0, ['count', 'on', 'ratio'], [1, 2, 1]],
] as never;
const Inners = [1, NAMESPACE, 'Inners', 0, [() => Inner, { xmlName: 'item' }]];
const STRINGS = 64;
const STRING_MAP = 128;
const BODY_NAMES = ['colour', 'when', 'data', 'tags', 'list', 'inner', 'inners'];
const BODY_MEMBERS = [
  [0, { jsonName: 'color', ec2QueryName: 'Paint' }],
  ...[4, 21, STRING_MAP, STRINGS, () => Inner, () => Inners],
];

const PutThingInput: StaticStructureSchema = [
  ...[3, NAMESPACE, 'PutThingInput', 0],
  ['name', 'number', 'dry', 'asked', 'since', 'others', 'tag', 'meta', ...BODY_NAMES],
  [
    ...[
      [0, { httpLabel: 1 }],
      [1, { httpLabel: 1 }],
    ],
    ...[
      [2, { httpQuery: 'dry' }],
      [STRINGS, { httpQuery: 'asked' }],
      [4, { httpQuery: 'since' }],
      [STRING_MAP, { httpQueryParams: 1 }],
    ],
    ...[
      [0, { httpHeader: 'x-toy-tag' }],
      [STRING_MAP, { httpPrefixHeaders: 'x-toy-meta-' }],
    ],
    ...BODY_MEMBERS,
  ],
  2,
] as never;

const PutThingOutput: StaticStructureSchema = [
  ...[3, NAMESPACE, 'PutThingOutput', 0],
  ['tag', 'since', 'meta', ...BODY_NAMES],
  [
    [0, { httpHeader: 'x-toy-tag' }],
    [4, { httpHeader: 'x-toy-since' }],
    [STRING_MAP, { httpPrefixHeaders: 'x-toy-meta-' }],
    ...BODY_MEMBERS,
  ],
] as never;

export const PutThing: StaticOperationSchema = [
  ...[9, NAMESPACE, 'PutThing', { http: ['PUT', '/things/{name}/parts/{number}', 201] }],
  ...[() => PutThingInput, () => PutThingOutput],
] as never;

export const NoSuchThing: StaticErrorSchema = [
  ...[-3, NAMESPACE, 'NoSuchThing', { error: 'client', httpError: 404 }],
  ...[
    ['message', 'thing'],
    [0, 0],
  ],
] as never;

export class NoSuchThingError extends ServiceException {
  thing?: string;
  constructor(options: { message?: string; thing?: string }) {
    super({ $fault: 'client', $metadata: {}, ...options, name: 'NoSuchThing' });
    Object.setPrototypeOf(this, NoSuchThingError.prototype);
    this.thing = options.thing;
  }
}

/** What an SDK's protocol class is told of the service. */
export const TOY_SETTINGS = {
  defaultNamespace: NAMESPACE,
  xmlNamespace: 'http://toy.test/',
  version: '2020-02-02',
  serviceTarget: 'ToyService',
  errorTypeRegistries: [registry()],
};

function registry(): TypeRegistry {
  const made = TypeRegistry.for(NAMESPACE);
  made.registerError(NoSuchThing, NoSuchThingError);
  return made;
}

export function toyApi(...protocols: [Protocol, ...Protocol[]]): Api {
  return {
    ...{ name: 'toy', protocols, targetPrefix: 'ToyService' },
    ...{ xmlNamespace: TOY_SETTINGS.xmlNamespace, version: TOY_SETTINGS.version },
    operations: { PutThing },
    errors: { NoSuchThing },
  };
}

export interface Toy {
  dispatch: Dispatcher;
  /** What the operation got, last. */
  got(): Thing | undefined;
  failures: unknown[];
}

/** Serves the API with the operation. @param denied IAM's answer to everything */
export function serveToy(
  api: Api,
  putThing: (input: Thing) => Promise<Thing>,
  { denied = false } = {},
): Toy {
  const failures: unknown[] = [];
  let got: Thing | undefined;
  const authorize = (ctx: RequestFacts) => ctx.authorize('toy:Put', '*');
  const handle = (_ctx: unknown, input: Thing, _found?: unknown) => {
    got = input;
    return putThing(input);
  };
  const dispatch = makeDispatcher({
    served: [served({ api, operations: { putThing: Object.assign(handle, { authorize }) } })],
    authorizer: {
      faultOf: () => undefined,
      decide: async () =>
        denied
          ? { allowed: false, explicit: false, by: 'identity', resource: '*' }
          : { allowed: true },
    },
    ...{ tokens: {} as never, credentials: {} as CredentialStore, mode: 'strict' },
    defaults: { accountId: '111111111111', region: 'eu-west-1' },
    clock: { now: () => new Date('2026-01-01T00:00:00Z') } as never,
    budget: makeBodyBudget(),
    validate: () => undefined,
    context: (facts) => facts,
    record: () => {},
    unexpected: (error) => failures.push(error),
  });
  return { dispatch, got: () => got, failures };
}

const command = makeBuilder<KMSClientResolvedConfig, object, MetadataBearer>(
  { Endpoint: { type: 'builtInParams', name: 'endpoint' } },
  ...(['ToyService', 'ToyClient', getEndpointPlugin] as const),
);

export class PutThingCommand extends command<Thing, Thing & MetadataBearer>(
  {},
  () => [],
  'PutThing',
  PutThing,
) {}

/** Calls the operation as the SDK does with one of its protocols. @param protocol an instance of its class */
export async function putThing(toy: Toy, protocol: unknown, input: Thing): Promise<Thing> {
  const principal = rootPrincipal('111111111111');
  const identity = async () => ({ principal, region: 'eu-west-1' });
  const place = { service: 'toy', region: 'eu-west-1', endpoint: 'http://toy.test' };
  const config = inProcessConfig(toy.dispatch, identity, place);
  const client = new KMSClient({ ...config, protocol } as never);
  const { $metadata: _, ...output } = await client.send(new PutThingCommand(input) as never);
  return output as Thing;
}
