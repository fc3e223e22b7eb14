import { consoleUrl } from '../../../lib/console-url.ts';
import type { S3Location } from './s3-location.ts';

/** The console's page of a build: `CODEBUILD_BUILD_URL`. */
export function buildConsoleUrl(endpoint: string, region: string, buildId: string): string {
  return consoleUrl(endpoint, 'codebuild', region, `/builds/${buildId}/view/new`);
}

/** The console's page of an object in S3. */
export function objectConsoleUrl(
  endpoint: string,
  region: string,
  { bucket, key }: S3Location,
): string {
  const path = key.split('/').map(encodeURIComponent).join('/');
  return consoleUrl(endpoint, 's3', region, `/object/${bucket}/${path}`);
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
