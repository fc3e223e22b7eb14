import type { WireRequest } from '../http.ts';

/**
 * The rules of signatures that S3 has of its own: the path is signed as it was sent, the hash of the body is a header
 * of its own or a word for "not signed" or "in chunks", and URLs may be presigned by Signature Version 2.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export interface ObjectSigning {
  /**
   * What Version 2 signs for the host and the path. It must come from the reading of both by which the call is routed:
   * the host is not signed, so that another reading would open another bucket.
   */
  resourceOf(request: WireRequest): string;
}
