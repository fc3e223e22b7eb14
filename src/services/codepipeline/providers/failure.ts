import { STATUS_CODES } from 'node:http';
import { isRefusal, statusOf } from '../../../lib/refusal.ts';
import type { FailureCode } from '../model/outcome.ts';

/** An action cannot succeed, for a reason that its errorDetails tell. */
export class ActionFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What is known of an error that an SDK client threw. */
interface ServiceError extends Error {
  $metadata?: { httpStatusCode?: number; requestId?: string };
}

const DENIED = /^(AccessDenied|AccessDeniedException|Forbidden|KMSAccessDenied.*|.*AccessDenied)$/;

/** True when a service refused an action for want of a permission. */
export function isDenied(error: unknown): error is ServiceError {
  if (!(error instanceof Error)) return false;
  // The answer to HEAD has no body, and so no code.
  return DENIED.test(error.name) || statusOf(error) === 403;
}

/**
 * The failure that an error means for the action (CP-C37); undefined when another try may succeed.
 */
export function failureOf(error: unknown): ActionFailure | undefined {
  if (error instanceof ActionFailure) return error;
  if (!(error instanceof Error)) return undefined;
  if (isDenied(error)) return new ActionFailure('PermissionError', describe(error));
  if (!isRefusal(error)) return undefined;
  return new ActionFailure('ConfigurationError', describe(error));
}

/** An error in the words that AWS's SDK for Java, which CodePipeline speaks, gives it. */
export function describe(error: Error, service?: string): string {
  const { $metadata } = error as ServiceError;
  const status = $metadata?.httpStatusCode;
  // The answer to HEAD has no body: all that is known is its status.
  const reason = error.name === 'Unknown' && status ? STATUS_CODES[status] : undefined;
  const facts = [
    service && `Service: ${service}`,
    status && `Status Code: ${status}`,
    `Error Code: ${reason ? `${status} ${reason}` : error.name}`,
    $metadata?.requestId && `Request ID: ${$metadata.requestId}`,
  ];
  return `${reason ?? error.message} (${facts.filter(Boolean).join('; ')})`;
}

/** Runs a call; an error that another try cannot mend becomes a failure with a message of CodePipeline's own. */
export async function explain<T>(
  call: Promise<T>,
  message: (error: Error) => { code: FailureCode; message: string } | undefined,
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const explained = error instanceof Error && failureOf(error) ? message(error) : undefined;
    if (explained) throw new ActionFailure(explained.code, explained.message);
    throw error;
  }
}

/** A failure of a service's, by the call that it refused: for those of which AWS's words are not known. */
export function callFailure(service: string, call: string) {
  return (error: Error): { code: FailureCode; message: string } => {
    if (error instanceof ActionFailure) return error;
    return {
      code: isDenied(error) ? 'PermissionError' : 'ConfigurationError',
      message: `Error calling ${call}: ${describe(error, service)}`,
    };
  };
}

/** Who could not read or write which bucket (CP-C37). */
export function bucketFailure(roleArn: string, bucket: string) {
  return (error: Error): { code: FailureCode; message: string } | undefined => {
    const cause = `Error: ${describe(error, 'Amazon S3')}`;
    if (isDenied(error)) {
      return {
        code: 'PermissionError',
        message: `CodePipeline service role "${roleArn}" is getting S3 access denied for the S3 bucket "${bucket}". ${cause}`,
      };
    }
    if (error.name === 'NoSuchBucket') {
      return {
        code: 'ConfigurationError',
        message: `The action failed because the Amazon S3 bucket "${bucket}" could not be found. ${cause}`,
      };
    }
    return undefined;
  };
}
