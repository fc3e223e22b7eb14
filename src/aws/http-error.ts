import type { WireResponse } from './http.ts';

/** An answer of a route that says why not: a status and one line. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** What is sent in place of the line, where the client's protocol has words of its own: the status is the record's then. */
  readonly answer: WireResponse | undefined;

  constructor(
    status: number,
    message: string,
    headers: Record<string, string> = {},
    answer?: WireResponse,
  ) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.answer = answer;
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
