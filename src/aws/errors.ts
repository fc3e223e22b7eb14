/**
 * An error outside a service's model, in AWS's terms: those that every service shares (AccessDeniedException,
 * ValidationException, InvalidSignatureException, …). Modelled errors are thrown as the SDK's exception classes.
 */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error document, such as S3's `BucketName`. */
  readonly details: Record<string, string>;

  constructor(code: string, message: string, status = 400, details: Record<string, string> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/**
 * What AWS has and Slipway has not: an operation, a member or a value of one. Refused by this one code everywhere,
 * never ignored.
 * @param what fits behind "Slipway does not support": `Multi-Region keys`, `the member kmsKeyId of CreateLogGroup`
 */
export function unsupported(what: string): AwsError {
  return new AwsError('NotImplemented', `Slipway does not support ${what} yet.`, 501);
}

/** Is it what `unsupported` says? */
export const isUnsupported = (error: unknown): boolean =>
  error instanceof AwsError && error.code === 'NotImplemented';

// biome-ignore lint/suspicious/noExplicitAny: each exception class has options of its own
type ExceptionClass<E> = new (options: any) => E;

/** An SDK exception with AWS's message: `throw exception(PipelineNotFoundException, '…')`. `members`: its further modelled members. */
export function exception<E extends Error>(
  Class: ExceptionClass<E>,
  message: string,
  members: Record<string, unknown> = {},
): E {
  return new Class({ message, $metadata: {}, ...members });
}

/** True when `error` (from an in-process or remote client) carries this AWS error code. */
export function isAwsError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(error.name);
}
