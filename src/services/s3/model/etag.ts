export function quote(etag: string): string {
  return `"${etag}"`;
}
