/** Conditional headers of a read, and of a copy's source. */
export interface ReadConditions {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
  ifModifiedSince?: Date | undefined;
  ifUnmodifiedSince?: Date | undefined;
}

export interface Validators {
  /** Without quotes. */
  etag: string;
  lastModified: Date;
}

export type Outcome = 'go' | 'not-modified' | { failed: string };

/** Decides by RFC 9110 as S3 does: an entity tag outranks a date. */
export function readOutcome(conditions: ReadConditions, object: Validators): Outcome {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag)) return { failed: 'If-Match' };
  } else if (ifUnmodifiedSince && object.lastModified > ifUnmodifiedSince) {
    return { failed: 'If-Unmodified-Since' };
  }
  if (ifNoneMatch !== undefined) return matches(ifNoneMatch, object.etag) ? 'not-modified' : 'go';
  return ifModifiedSince && object.lastModified <= ifModifiedSince ? 'not-modified' : 'go';
}

/** Conditional headers of a write. */
export interface WriteConditions {
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
}

/** Which condition a write fails on; `missing`: If-Match without an object. @param current entity tag of the current object */
export function writeFailure(
  conditions: WriteConditions,
  current: string | undefined,
): 'If-Match' | 'If-None-Match' | 'missing' | undefined {
  if (conditions.ifNoneMatch !== undefined && current !== undefined) return 'If-None-Match';
  if (conditions.ifMatch === undefined) return undefined;
  if (current === undefined) return 'missing';
  return matches(conditions.ifMatch, current) ? undefined : 'If-Match';
}

export function unquote(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
}

function matches(header: string, etag: string): boolean {
  return header.split(',').some((tag) => tag.trim() === '*' || unquote(tag) === etag);
}
