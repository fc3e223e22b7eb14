/**
 * Where the web console shows something: AWS's own paths and fragments (`codebuild`, `#/builds/…`), below this server's
 * console instead of `console.aws.amazon.com`.
 * @param endpoint base URL of this server
 */
export function consoleUrl(
  endpoint: string,
  service: string,
  region: string,
  fragment: string,
): string {
  return `${endpoint}/_slipway/console/${service}/home?region=${region}#${fragment}`;
}
