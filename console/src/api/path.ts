/**
 * Browsers resolve `.` and `..` in addresses, encoded ones too, before they send anything: a name that has such a segment would lead
 * the call out of its service, to another one of the session's.
 */
export function refuseDots(path: string): void {
  const segment = path.split(/[/\\]/).find((part) => /^(\.|%2e){1,2}$/i.test(part));
  if (segment !== undefined)
    throw new Error(`A browser cannot call ${path}: it resolves the segment "${segment}".`);
}
