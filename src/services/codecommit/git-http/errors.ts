import type { WireResponse } from '../../../aws/http.ts';

/** An answer to git that is not git's own: a status and one line. */
export class GitHttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function errorResponse({ status, message }: GitHttpError): WireResponse {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-cache',
      // Only this makes git ask its credential helper.
      ...(status === 401 && { 'www-authenticate': 'Basic realm="CodeCommit"' }),
    },
    body: `${message}\n`,
  };
}
