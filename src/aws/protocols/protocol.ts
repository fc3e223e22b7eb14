import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types';
import { ownValue } from '../../lib/own.ts';
import type { Dialect } from '../auth/failure.ts';
import type { ObjectSigning } from '../auth/object-signing.ts';
import type { FormCalls } from '../form-calls.ts';
import type { WireRequest, WireResponse } from '../http.ts';
import type { RecordFacts } from '../record-facts.ts';

/** One AWS API as the wire layer sees it: protocols, names to route by, and operations with their schemas. */
export interface Api {
  /** `codebuild`: the service name in the credential scope. */
  name: string;
  /** The name of its contract file, which is botocore's for the service; default: `name`. `defineService` fills it in. */
  contract?: string;
  /** What it speaks: the first one that a request is written in. */
  protocols: readonly [Protocol, ...Protocol[]];
  /** Further names that callers may sign with. */
  signingAliases?: string[];
  /** Names of its endpoints in AWS's domains beside `name`: `git-codecommit`, and `*.s3` for all names below S3's. */
  hosts?: string[];
  /** Protocols that name the API in each request: `CodeBuild_20161006`. */
  targetPrefix?: string;
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
  /** Does the operation take no signature? */
  isUnsigned?(operation: string): boolean;
  /** What it lets sessions of GetSessionToken without MFA and of GetFederationToken call; default: all. */
  tokenSessions?: Record<'GetSessionToken' | 'GetFederationToken', readonly string[]>;
  /** What answers input that fails its contract: an error code, or `self` when the operations look themselves. Default: the protocol's. */
  validation?: string;
  /** How it tells IAM's refusals; default: by the protocol's code, and with actions as policies have them. */
  refusals?: { code: string; prefix: string };
  /** What the records of its calls say that its model does not. */
  record?: RecordFacts;
  /** It gets the requests that name no API at all. */
  anonymous?: boolean;
  /** REST protocols: labels that stand outside the path templates, in host or path, and the path below them. */
  address?(request: WireRequest): { labels: Record<string, string>; path: string };
  /** Where its signatures are those of objects, which S3's are. */
  signing?: ObjectSigning;
  /** Calls that come as a browser's form. */
  forms?: FormCalls;
}

/** What tells whose a request is: known of an API that is not loaded yet. */
export interface ApiFace
  extends Pick<
    Api,
    'name' | 'hosts' | 'protocols' | 'targetPrefix' | 'version' | 'anonymous' | 'signing' | 'forms'
  > {
  /** By name; only those of Query APIs are asked about. */
  operations: Readonly<Record<string, unknown>>;
}

/** Which operation a request asks for. */
export interface Target {
  api: Api;
  protocol: Protocol;
  /** PascalCase. */
  operation: string;
  /** REST protocols: labels that stand in host and path, decoded. */
  labels?: Record<string, string>;
}

/** One call on its way in: which operation, and what the protocol needs to decode it. */
export interface Call extends Target {
  request: WireRequest;
  /** The body, read whole and verified; undefined where the operation takes it as a stream. */
  body?: Uint8Array;
  /** Told of a failure that is a bug and shows after the answer has begun: in a stream of events. */
  unexpected?(error: unknown): void;
}

/** How one protocol tells its requests and operations, reads input shapes and writes output shapes. */
export interface Protocol {
  name: string;
  /** Its words for errors that are in no model. */
  dialect: Dialect;
  /** Code of the error that answers input which fails its contract. */
  invalid: string;
  /** Is the operation known without the body? Only then can it take its body as a stream, or be refused before one ends. */
  streams: boolean;
  /** Which status a modelled error has: what its model says, or one for all faults of the caller. */
  statuses: 'modelled' | 'by-fault';
  /** Is the request written in this protocol? Asked where an API speaks several. */
  recognises(request: WireRequest): boolean;
  /** The target prefix of the API that the request names itself, if the protocol has requests do so. */
  addressee?(request: WireRequest): string | undefined;
  /** @throws AwsError in the protocol's words when the API has no such operation */
  operation(
    api: Api,
    request: WireRequest,
    body: Uint8Array | undefined,
  ): Pick<Target, 'operation' | 'labels'>;
  /** @throws AwsError SerializationException (or the protocol's own) when the request is malformed. */
  decode(call: Call): Record<string, unknown>;
  encode(call: Call, output: Record<string, unknown>, requestId: string): WireResponse;
  encodeError(api: Api | undefined, error: ErrorDocument, requestId: string): WireResponse;
}

/** An error as it goes over the wire. */
export interface ErrorDocument {
  code: string;
  message: string;
  status: number;
  /** The query protocol's fault: whose error it is. */
  fault: 'Sender' | 'Receiver';
  schema?: StaticErrorSchema;
  /** What clients that once spoke Query know the error by, where that is another code. */
  queryCode?: string;
  /** The exception, for its further modelled members. */
  members: Record<string, unknown>;
}

/** The schema of an operation, by its PascalCase name. */
export function operationSchema(api: Api, operation: string): StaticOperationSchema {
  const schema = ownValue(api.operations, operation);
  if (!schema) throw new Error(`${api.name} has no operation ${operation}`);
  return schema;
}
