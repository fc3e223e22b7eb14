import { consoleUrl } from '../../../lib/console-url.ts';

/** The console's page of a build: `CODEBUILD_BUILD_URL`. */
export function buildConsoleUrl(endpoint: string, region: string, buildId: string): string {
  return consoleUrl(endpoint, 'codebuild', region, `/builds/${buildId}/view/new`);
}

/** The console's page of a build's log; AWS writes `null` for what is not known yet. */
export function logConsoleUrl(
  endpoint: string,
  region: string,
  group = 'null',
  stream = 'null',
): string {
  const [inGroup, inStream] = [group, stream].map((name) =>
    encodeURIComponent(name).replaceAll('%', '$25'),
  );
  return consoleUrl(
    endpoint,
    'cloudwatch',
    region,
    `logsV2:log-groups/log-group/${inGroup}/log-events/${inStream}`,
  );
}
