export interface CopySource {
  bucket: string;
  key: string;
  versionId?: string;
}

/** Reads `x-amz-copy-source`: `bucket/key` or `/bucket/key`, percent-encoded, `?versionId=` behind it; undefined when it is none. */
export function parseCopySource(header: string): CopySource | undefined {
  const [, path = '', versionId] = /^\/?(.*?)(?:\?versionId=([^?]*))?$/s.exec(header) ?? [];
  let text: string;
  try {
    text = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const fromArn = /^arn:[^:]+:s3:::(.*)$/s.exec(text)?.[1] ?? text;
  const slash = fromArn.indexOf('/');
  if (slash < 1 || slash === fromArn.length - 1) return undefined;
  const source = { bucket: fromArn.slice(0, slash), key: fromArn.slice(slash + 1) };
  return versionId === undefined ? source : { ...source, versionId };
}
