import { NormalizedSchema } from '@smithy/core/schema';
import { type Outage, outageOf } from '../../lib/outage.ts';
import { AuthFailure, authError } from '../auth/failure.ts';
import { AwsError } from '../errors.ts';
import type { Api, ErrorDocument, Protocol } from './protocol.ts';

/** What an AwsError says of itself, whoever threw it. */
function ownWords(error: AwsError): ErrorDocument {
  return {
    code: error.code,
    message: error.message,
    status: error.status,
    fault: error.status >= 500 ? 'Receiver' : 'Sender',
    members: error.details,
  };
}

/**
 * What is told of a failure: modelled exceptions and AwsErrors as they are, anything else as an internal failure
 * without details. @param protocol in which it is told
 */
export function describeError(
  api: Api | undefined,
  thrown: unknown,
  protocol: Pick<Protocol, 'dialect' | 'statuses'>,
): ErrorDocument {
  const error = thrown instanceof AuthFailure ? authError(thrown, protocol.dialect) : thrown;
  if (error instanceof AwsError) return ownWords(error);
  const schema = error instanceof Error ? api?.errors[error.name] : undefined;
  const outage = schema ? undefined : outageOf(error);
  if (outage) return unavailable(api, outage);
  if (!(error instanceof Error) || !schema) {
    const message =
      'The request processing has failed because of an unknown error, exception or failure.';
    return { code: 'InternalFailure', message, status: 500, fault: 'Receiver', members: {} };
  }
  const traits = NormalizedSchema.of(schema).getMergedTraits();
  const [queryCode, queryStatus] = (traits.awsQueryError ?? []) as [string?, number?];
  const fallback = traits.error === 'server' ? 500 : 400;
  const modelled = protocol.statuses === 'by-fault' ? undefined : traits.httpError;
  // What once spoke Query keeps its statuses in the younger protocols.
  const status = queryStatus ?? (modelled as number | undefined) ?? fallback;
  return {
    code: protocol.dialect === 'query' ? (queryCode ?? error.name) : error.name,
    message: error.message,
    status,
    fault: status >= 500 ? 'Receiver' : 'Sender',
    schema,
    queryCode,
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
 * The header in which an API that once spoke Query alone tells the old code of an error: clients that were written for
 * it look there (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, awsQueryCompatible).
 */
export function queryErrorHeader(
  api: Api | undefined,
  { code, queryCode, fault }: ErrorDocument,
): Record<string, string> {
  const compatible = api?.protocols.some(({ dialect }) => dialect === 'query');
  return compatible ? { 'x-amzn-query-error': `${queryCode ?? code};${fault}` } : {};
}
