const PASSING = /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|RequestTimeout/;

/** The HTTP status of a service's answer that an error tells of, an SDK client's or one of our own; else undefined. */
export function statusOf(error: unknown): number | undefined {
  const { status, $metadata } = (error ?? {}) as {
    status?: number;
    $metadata?: { httpStatusCode?: number };
  };
  return status ?? $metadata?.httpStatusCode;
}

/**
 * Is it the caller's fault, which another try does not mend? So it is when a service said no (4xx), or that it cannot
 * do this at all (501). Not when it was too busy (429, throttling), had no time (408) or trouble of its own, nor when
 * nobody answered: what works for a user tries these again.
 */
export function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error) || PASSING.test(error.name)) return false;
  const status = statusOf(error) ?? 0;
  if (status === 408 || status === 429) return false;
  return (status >= 400 && status < 500) || status === 501;
}
