import { AwsError } from '../errors.ts';

/** The words in which errors outside all models are told: one code has several names. */
export type Dialect = 'json' | 'rest-json' | 'query' | 'ec2' | 's3';

/** Why a request was not authenticated, without regard to how a protocol says it. */
export type FailureKind =
  /** No signature at all. */
  | 'missing'
  /** Neither SigV4 header nor query form, such as SigV4A or SigV2. */
  | 'unsupported'
  /** The Authorization header lacks a part. */
  | 'incomplete'
  /** The presigning parameters lack a part or hold nonsense. */
  | 'query-malformed'
  /** The credential scope names another service. */
  | 'wrong-scope'
  | 'unknown-key'
  | 'inactive-key'
  /** The session token is missing, forged, or another key's. */
  | 'wrong-token'
  | 'expired-token'
  | 'expired'
  | 'not-yet-current'
  | 'presigned-expired'
  | 'wrong-signature'
  /** An x-amz-* header that the signature does not cover. */
  | 'unsigned-header'
  | 'missing-content-hash'
  | 'invalid-content-hash'
  | 'missing-decoded-length'
  /** The body is not what the signature covers. */
  | 'content-mismatch'
  | 'chunk-mismatch'
  | 'incomplete-body'
  | 'malformed-trailer'
  | 'invalid-checksum'
  /** A Content-MD5 that is none. */
  | 'invalid-digest'
  | 'wrong-digest'
  | 'wrong-checksum'
  | 'too-large'
  /** The body came so slowly that its room was needed for others. */
  | 'too-slow'
  /** Bodies that are on their way take all the room that there is. */
  | 'busy';

/** A request, or its body while it is read, that is not what its signature says. */
export class AuthFailure extends Error {
  readonly kind: FailureKind;
  /** Members of S3's error document, and texts that messages are made with. */
  readonly details: Record<string, string>;

  constructor(kind: FailureKind, details: Record<string, string> = {}) {
    super(`authentication failed: ${kind}`);
    this.name = 'AuthFailure';
    this.kind = kind;
    this.details = details;
  }
}

/** Code, HTTP status and text of one failure in one family of protocols. `{Name}` in a text is a detail. */
type Answer = [code: string, status: number, text: string];
/** JSON protocols, the Query protocol, S3. */
type Row = [json: Answer, query: Answer, s3: Answer];

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const INVALID_TOKEN = 'The security token included in the request is invalid.';
const HASH_MISMATCH =
  "The provided 'x-amz-content-sha256' header does not match what was computed.";

/** Where Query and S3 answer 403, the JSON 1.0 and 1.1 protocols answer 400. */
const JSON_FORBIDDEN = 400;

/** A row whose JSON code is the Query code with `Exception` behind it. */
function row(code: string, status: number, text: string, s3: Answer): Row {
  const ofJson = status === 403 ? JSON_FORBIDDEN : status;
  return [[`${code}Exception`, ofJson, text], [code, status, text], s3];
}

/** A row for "your signature is wrong", which JSON and Query name differently. */
function signatureRow(text: string, s3: Answer): Row {
  return [
    ['InvalidSignatureException', JSON_FORBIDDEN, text],
    ['SignatureDoesNotMatch', 403, text],
    s3,
  ];
}

function keyRow(s3: Answer): Row {
  return [
    ['UnrecognizedClientException', JSON_FORBIDDEN, INVALID_TOKEN],
    ['InvalidClientTokenId', 403, INVALID_TOKEN],
    s3,
  ];
}

const UNKNOWN_KEY_S3: Answer = [
  'InvalidAccessKeyId',
  403,
  'The AWS Access Key Id you provided does not exist in our records.',
];
const S3_MISMATCH: Answer = [
  'SignatureDoesNotMatch',
  403,
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
];

/** An answer that is S3's alone: other services have no such header, and call it a wrong signature. */
function s3Only(code: string, status: number, text: string): Row {
  return signatureRow(MISMATCH, [code, status, text]);
}

const ANSWERS: Record<FailureKind, Row> = {
  missing: [
    ['MissingAuthenticationTokenException', JSON_FORBIDDEN, 'Missing Authentication Token'],
    ['MissingAuthenticationToken', 403, 'Request is missing Authentication Token'],
    ['AccessDenied', 403, 'Access Denied'],
  ],
  unsupported: row(
    'IncompleteSignature',
    400,
    "Unsupported AWS 'algorithm': only AWS4-HMAC-SHA256 is supported.",
    [
      'InvalidRequest',
      400,
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    ],
  ),
  incomplete: row('IncompleteSignature', 400, '{Reason}', [
    'AuthorizationHeaderMalformed',
    400,
    'The authorization header is malformed; {Reason}',
  ]),
  'query-malformed': row('IncompleteSignature', 400, '{Reason}', [
    'AuthorizationQueryParametersError',
    400,
    '{Reason}',
  ]),
  'wrong-scope': signatureRow("Credential should be scoped to correct service: '{Expected}'.", [
    'AuthorizationHeaderMalformed',
    400,
    'The authorization header is malformed; incorrect service "{Service}". This endpoint belongs to \'{Expected}\'.',
  ]),
  'unknown-key': keyRow(UNKNOWN_KEY_S3),
  'inactive-key': keyRow(UNKNOWN_KEY_S3),
  'wrong-token': keyRow([
    'InvalidToken',
    400,
    'The provided token is malformed or otherwise invalid.',
  ]),
  'expired-token': row(
    'ExpiredToken',
    403,
    'The security token included in the request is expired',
    ['ExpiredToken', 400, 'The provided token has expired.'],
  ),
  expired: signatureRow(
    'Signature expired: {RequestTime} is now earlier than {Limit} ({ServerTime} - 15 min.)',
    [
      'RequestTimeTooSkewed',
      403,
      'The difference between the request time and the current time is too large.',
    ],
  ),
  'not-yet-current': signatureRow(
    'Signature not yet current: {RequestTime} is still later than {Limit} ({ServerTime} + 15 min.)',
    [
      'RequestTimeTooSkewed',
      403,
      'The difference between the request time and the current time is too large.',
    ],
  ),
  'presigned-expired': signatureRow(
    'Signature expired: {Expires} is now earlier than {ServerTime}',
    ['AccessDenied', 403, 'Request has expired'],
  ),
  'wrong-signature': signatureRow(MISMATCH, S3_MISMATCH),
  'unsigned-header': signatureRow(
    "'{HeadersNotSigned}' must be a 'SignedHeader' in the AWS Authorization.",
    ['AccessDenied', 403, 'There were headers present in the request which were not signed'],
  ),
  'missing-content-hash': s3Only(
    'InvalidRequest',
    400,
    'Missing required header for this request: x-amz-content-sha256',
  ),
  'invalid-content-hash': s3Only(
    'InvalidArgument',
    400,
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
  ),
  'missing-decoded-length': s3Only(
    'MissingContentLength',
    411,
    'You must provide the Content-Length HTTP header.',
  ),
  'content-mismatch': s3Only('XAmzContentSHA256Mismatch', 400, HASH_MISMATCH),
  'chunk-mismatch': signatureRow(MISMATCH, S3_MISMATCH),
  'incomplete-body': s3Only(
    'IncompleteBody',
    400,
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  ),
  'malformed-trailer': s3Only(
    'MalformedTrailerError',
    400,
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  ),
  'invalid-checksum': row('InvalidRequest', 400, 'Value for {Header} header is invalid.', [
    'InvalidRequest',
    400,
    'Value for {Header} header is invalid.',
  ]),
  'wrong-checksum': row(
    'BadDigest',
    400,
    'The {Algorithm} you specified did not match the calculated checksum.',
    ['BadDigest', 400, 'The {Algorithm} you specified did not match the calculated checksum.'],
  ),
  'invalid-digest': row('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.', [
    'InvalidDigest',
    400,
    'The Content-MD5 you specified was invalid.',
  ]),
  'wrong-digest': row(
    'BadDigest',
    400,
    'The Content-MD5 you specified did not match what we received.',
    ['BadDigest', 400, 'The Content-MD5 you specified did not match what we received.'],
  ),
  'too-slow': row('RequestTimeout', 408, 'The body of the request did not arrive in time.', [
    'RequestTimeout',
    400,
    'Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.',
  ]),
  busy: row(
    'ServiceUnavailable',
    503,
    'The request has failed due to a temporary failure of the server.',
    ['SlowDown', 503, 'Please reduce your request rate.'],
  ),
  'too-large': row('RequestEntityTooLarge', 413, 'Request size is too large.', [
    'EntityTooLarge',
    413,
    'Your proposed upload exceeds the maximum allowed size',
  ]),
};

/** The columns of ANSWERS. */
const COLUMN: Record<Dialect, 0 | 1 | 2> = { json: 0, 'rest-json': 0, query: 1, ec2: 1, s3: 2 };

/** The failure as AWS says it in a family of protocols: code, HTTP status, text, and S3's further members. */
export function authError(failure: AuthFailure, dialect: Dialect): AwsError {
  const row = ANSWERS[failure.kind];
  const [code, usual, text] = row[COLUMN[dialect]];
  // REST-JSON has the codes of JSON and the statuses of Query; EC2 calls a key that it does not know by a code of its own.
  const status = dialect === 'rest-json' ? row[COLUMN.query][1] : usual;
  const message = text.replace(/\{(\w+)\}/g, (_, name: string) => failure.details[name] ?? '');
  const details = dialect === 's3' ? failure.details : {};
  return new AwsError(dialect === 'ec2' ? ec2Code(code) : code, message, status, details);
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#CommonErrors */
function ec2Code(code: string): string {
  const credentials = ['InvalidClientTokenId', 'SignatureDoesNotMatch'].includes(code);
  return credentials ? 'AuthFailure' : code;
}
