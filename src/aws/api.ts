import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';
import { ownValue } from '../lib/own.ts';

export type Protocol = 'json1.0' | 'json1.1' | 'query' | 'rest-xml' | 'rest-json';

/** One AWS API as the wire layer sees it: a protocol, a name to route by, and operations with their schemas. */
export interface Api {
  /** `codebuild`: the service name in the credential scope. */
  name: string;
  /** The name of its contract file, which is botocore's for the service, where that is another. */
  contract?: string;
  protocol: Protocol;
  /** Further names that callers may sign with. */
  signingAliases?: string[];
  /** JSON protocols: `CodeBuild_20161006`. */
  targetPrefix?: string;
  /** JSON protocols: further prefixes that mean the same. */
  targetAliases?: string[];
  /** Query and XML protocols. */
  xmlNamespace?: string;
  /** Query protocol: `2010-05-08`. */
  version?: string;
  /** By operation name in PascalCase: `StartBuild`. */
  operations: Record<string, StaticOperationSchema>;
  /** Modelled errors by exception name. */
  errors: Record<string, StaticErrorSchema>;
  /** Bytes of a body that is no stream; default 8 MiB. */
  bodyLimit?: number;
  /** Operations that take no signature. */
  unsigned?: string[];
}

/** Kinds of static schema, by their first element (`@smithy/types`, static-schemas). */
const OPERATION = 9;
const ERROR = -3;

const PROTOCOLS: Record<string, Protocol> = {
  awsJson1_0: 'json1.0',
  awsJson1_1: 'json1.1',
  awsQuery: 'query',
  restXml: 'rest-xml',
  restJson1: 'rest-json',
};

/** Service ids whose lower-case form is not the name that requests are signed with. */
const SIGNING_NAMES: Record<string, string> = {
  'CloudWatch Logs': 'logs',
  'Secrets Manager': 'secretsmanager',
  'Service Quotas': 'servicequotas',
};

/** Signing names of services that botocore has under another one. */
const CONTRACTS: Record<string, string> = { servicequotas: 'service-quotas' };

interface ClientConfig {
  serviceId: string;
  protocol: { getShapeId(): string };
  protocolSettings: { serviceTarget?: string; version?: string; xmlNamespace?: string };
}

/** Reads the API out of an `@aws-sdk/client-*` package (`import * as codebuild from …`), which exports its schemas. */
export function apiOf(client: object): Api {
  const exported = Object.entries(client);
  // Each package exports two: the plain client (`S3Client`) and the aggregated one (`S3`).
  const [, Client] = exported.find(([name]) => /^[A-Z].*[a-z0-9A-Z]Client$/.test(name)) ?? [];
  const config: ClientConfig = new Client({ region: 'us-east-1' }).config;
  const protocol = ownValue(PROTOCOLS, config.protocol.getShapeId().split('#')[1] ?? '');
  if (!protocol) throw new Error(`No wire support for ${config.protocol.getShapeId()}`);
  const { serviceTarget, version, xmlNamespace } = config.protocolSettings;
  const name = signingName(config.serviceId);
  return {
    name,
    ...(CONTRACTS[name] && { contract: CONTRACTS[name] }),
    protocol,
    targetPrefix: serviceTarget,
    version,
    xmlNamespace,
    operations: schemasByName<StaticOperationSchema>(exported, OPERATION),
    errors: schemasByName<StaticErrorSchema>(exported, ERROR),
  };
}

/** The name that requests to a service are signed with, by the id that its clients carry. */
export function signingName(serviceId: string): string {
  return ownValue(SIGNING_NAMES, serviceId) ?? serviceId.toLowerCase();
}

function schemasByName<S>(exported: [string, unknown][], kind: number): Record<string, S> {
  const schemas = exported
    .map(([, value]) => value)
    .filter((v) => Array.isArray(v) && v[0] === kind);
  return Object.fromEntries(schemas.map((schema) => [(schema as unknown[])[2], schema as S]));
}
