/** Where a build's buildspec is (CB-A1). Pure. */

/** The object in S3 that a project or a call names. */
export const isInS3 = (wanted: string): boolean => /^arn:[^:]+:s3:::/.test(wanted.trim());

/** The path of a file in the primary source; undefined for an object in S3, and for the text itself. */
export function buildspecPath(wanted: string): string | undefined {
  const text = wanted.trim();
  const inline = text.includes('\n') || text.startsWith('{') || /^version\s*:/.test(text);
  return inline || isInS3(text) ? undefined : text;
}
