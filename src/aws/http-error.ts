import type { WireResponse } from './http.ts';

/** An answer of a route that says why not: a status and one line. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** The error as people and git read it. */
export function plainError({ status, message, headers }: HttpError): WireResponse {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-cache',
      ...headers,
    },
    body: `${message}\n`,
  };
}
