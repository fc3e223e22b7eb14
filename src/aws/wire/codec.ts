import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticErrorSchema } from '@smithy/types';
import { type Outage, outageOf } from '../../lib/outage.ts';
import type { Api, Protocol } from '../api.ts';
import { AuthFailure, authError } from '../auth/failure.ts';
import { AwsError } from '../errors.ts';
import type { WireRequest, WireResponse } from '../http.ts';

/** One call on its way in: which operation, and what the protocol needs to decode it. */
export interface Call {
  api: Api;
  /** PascalCase. */
  operation: string;
  request: WireRequest;
  /** The body, read whole and verified; undefined where the operation takes it as a stream. */
  body?: Uint8Array;
  /** REST protocols: labels that the router found in host and path, decoded. */
  labels?: Record<string, string>;
}

/** How one protocol turns requests into input shapes and output shapes into responses. */
export interface Codec {
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
  /** The exception, for its further modelled members. */
  members: Record<string, unknown>;
}

/**
 * What is told of a failure: modelled exceptions and AwsErrors as they are, anything else as an internal failure
 * without details. @param protocol the API's, or the one that its sender is likely to read
 */
export function describeError(
  api: Api | undefined,
  thrown: unknown,
  protocol: Protocol = api?.protocol ?? 'json1.1',
): ErrorDocument {
  const error = thrown instanceof AuthFailure ? authError(thrown, protocol) : thrown;
  if (error instanceof AwsError) {
    return {
      code: error.code,
      message: error.message,
      status: error.status,
      fault: error.status >= 500 ? 'Receiver' : 'Sender',
      members: error.details,
    };
  }
  const schema = error instanceof Error ? api?.errors[error.name] : undefined;
  const outage = schema ? undefined : outageOf(error);
  if (outage) return unavailable(api, outage);
  if (!(error instanceof Error) || !schema) {
    const message =
      'The request processing has failed because of an unknown error, exception or failure.';
    return { code: 'InternalFailure', message, status: 500, fault: 'Receiver', members: {} };
  }
  const traits = NormalizedSchema.of(schema).getMergedTraits();
  const [queryCode] = (traits.awsQueryError ?? []) as [string?, number?];
  const status = statusOf(api, traits);
  return {
    code: api?.protocol === 'query' ? (queryCode ?? error.name) : error.name,
    message: error.message,
    status,
    fault: status >= 500 ? 'Receiver' : 'Sender',
    schema,
    members: error as unknown as Record<string, unknown>,
  };
}

/**
 * The server cannot work now: the call may be tried again, which the SDKs do for every 503
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
 */
function unavailable(api: Api | undefined, { reason }: Outage): ErrorDocument {
  const modelled = 'ServiceUnavailableException';
  const schema = api?.errors[modelled];
  const message = `The request has failed due to a temporary failure of the server: ${reason}.`;
  return {
    code: schema ? modelled : 'ServiceUnavailable',
    message,
    status: 503,
    fault: 'Receiver',
    ...(schema && { schema }),
    members: { message },
  };
}

/**
 * AWS's JSON front ends answer 400 to every client fault, whatever status the model gives an error
 * (https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html#API_DescribeKey_Errors).
 */
function statusOf(
  api: Api | undefined,
  traits: ReturnType<NormalizedSchema['getMergedTraits']>,
): number {
  const [, queryStatus] = (traits.awsQueryError ?? []) as [string?, number?];
  const fallback = traits.error === 'server' ? 500 : 400;
  if (api?.protocol.startsWith('json')) return fallback;
  return queryStatus ?? (traits.httpError as number | undefined) ?? fallback;
}
