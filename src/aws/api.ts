import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';
import { protocolOf } from './protocols/by-shape.ts';
import type { Api } from './protocols/protocol.ts';

export type { Api, ApiFace } from './protocols/protocol.ts';

/** What a service says of its API that its client package does not. */
export type ApiFacts = Partial<Omit<Api, 'name' | 'operations' | 'errors'>>;

/** Kinds of static schema, by their first element (`@smithy/types`, static-schemas). */
const OPERATION = 9;
const ERROR = -3;

interface AuthScheme {
  schemeId: string;
  signingProperties?: { name: string };
}

interface ClientConfig {
  serviceId: string;
  protocol: { getShapeId(): string };
  protocolSettings: { serviceTarget?: string; version?: string; xmlNamespace?: string };
  /** What a call of an operation is signed with, the best first. Some services' answers come from their endpoint rules, which want a Region. */
  httpAuthSchemeProvider(of: { operation: string; region: string; Region: string }): AuthScheme[];
}

/**
 * Reads the API out of an `@aws-sdk/client-*` package (`import * as codebuild from …`), which exports its schemas.
 * @param facts what the package does not tell: further protocols, addresses, errors of validation
 */
export function apiOf(client: object, facts: ApiFacts = {}): Api {
  const exported = Object.entries(client);
  // Each package exports two: the plain client (`S3Client`) and the aggregated one (`S3`).
  const [, Client] = exported.find(([name]) => /^[A-Z].*[a-z0-9A-Z]Client$/.test(name)) ?? [];
  const config: ClientConfig = new Client({ region: REGION }).config;
  const { serviceTarget, version, xmlNamespace } = config.protocolSettings;
  return {
    name: signingName(config),
    protocols: facts.protocols ?? [protocolOf(config.protocol.getShapeId())],
    targetPrefix: serviceTarget,
    version,
    xmlNamespace,
    isUnsigned: (operation) => schemesOf(config, operation)[0]?.schemeId === 'smithy.api#noAuth',
    operations: schemasByName<StaticOperationSchema>(exported, OPERATION),
    errors: schemasByName<StaticErrorSchema>(exported, ERROR),
    ...facts,
  };
}

/** Nobody is called there: names and schemes do not depend on it. */
const REGION = 'us-east-1';

function schemesOf(config: ClientConfig, operation: string): AuthScheme[] {
  return config.httpAuthSchemeProvider({ operation, region: REGION, Region: REGION });
}

/** The name that a client signs its requests with. @param config of an instance: `new KMSClient({region}).config` */
export function signingName(config: object): string {
  const schemes = schemesOf(config as ClientConfig, '');
  const name = schemes.find(({ signingProperties }) => signingProperties)?.signingProperties?.name;
  if (name === undefined) throw new Error('The client signs nothing');
  return name;
}

function schemasByName<S>(exported: [string, unknown][], kind: number): Record<string, S> {
  const schemas = exported
    .map(([, value]) => value)
    .filter((v) => Array.isArray(v) && v[0] === kind);
  return Object.fromEntries(schemas.map((schema) => [(schema as unknown[])[2], schema as S]));
}
