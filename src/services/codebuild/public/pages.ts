import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Build } from '@aws-sdk/client-codebuild';
import type { WireResponse } from '../../../aws/http.ts';
import { escapedHtml, htmlPage } from '../../../kit/html-page.ts';
import type { Platform } from '../../../kit/service.ts';
import { PUBLIC } from '../model/links.ts';
import { SERVICE_PRINCIPAL } from '../run/service-role.ts';
import { findBuild, findBuilds, listBuilds } from '../store/builds.ts';
import type { StoredProject } from '../store/projects.ts';

/** How many builds a page has. */
const SHOWN = 100;

/** The last builds of a public project. */
export async function projectPage(
  { db }: Platform,
  { project, accountId, region }: StoredProject,
): Promise<WireResponse> {
  const { name = '', publicProjectAlias = '' } = project;
  const owner = { accountId, region };
  const query = { project: name, order: 'desc', after: undefined, limit: SHOWN } as const;
  const ids = (await listBuilds(db, owner, query)).map(({ id }) => id);
  const builds = (await findBuilds(db, owner, ids)).sort(
    (a, b) => (b.buildNumber ?? 0) - (a.buildNumber ?? 0),
  );
  const rows = builds.map((build) => {
    const uuid = build.id?.split(':')[1] ?? '';
    const link = `<a href="${PUBLIC}/${publicProjectAlias}/${escapedHtml(uuid)}">${escapedHtml(uuid)}</a>`;
    return `<tr><td>${build.buildNumber}<td>${link}<td>${facts(build).map(escapedHtml).join('<td>')}`;
  });
  return htmlPage(
    name,
    `<table>\n<tr><th>Number<th>Build<th>Status<th>Source version<th>Started\n${rows.join('\n')}\n</table>`,
  );
}

const facts = ({ buildStatus, resolvedSourceVersion, sourceVersion, startTime }: Build) => [
  buildStatus ?? '',
  resolvedSourceVersion ?? sourceVersion ?? '',
  startTime?.toISOString() ?? '',
];

/** One of its builds: its phases, and its log as far as the project's `resourceAccessRole` may read it. */
export async function buildPage(
  ctx: Platform,
  stored: StoredProject,
  uuid: string,
): Promise<WireResponse | undefined> {
  const { accountId, region, project } = stored;
  const found = await findBuild(ctx.db, { accountId, region }, `${project.name}:${uuid}`);
  if (!found) return undefined;
  const { build } = found;
  const phases = (build.phases ?? []).map(({ phaseType = '', phaseStatus = '', contexts = [] }) => {
    const said = contexts.map(({ statusCode, message }) =>
      [statusCode, message].filter(Boolean).join(': '),
    );
    return `<tr><td>${phaseType}<td>${phaseStatus}<td>${escapedHtml(said.join('; '))}`;
  });
  const log = await logOf(ctx, stored, build);
  return htmlPage(
    `${project.name} ${build.buildNumber}`,
    `<p>${facts(build).map(escapedHtml).join(' ')}
<table>\n<tr><th>Phase<th>Status<th>Context\n${phases.join('\n')}\n</table>
<pre>${escapedHtml(log)}</pre>`,
  );
}

/** The end of it, as much as CloudWatch answers at once. */
async function logOf(
  ctx: Platform,
  { project, region }: StoredProject,
  { logs, id = '' }: Build,
): Promise<string> {
  const { resourceAccessRole: roleArn, arn: sourceArn = '' } = project;
  const { groupName, streamName } = logs ?? {};
  if (!roleArn || !groupName || !streamName) return 'There is no log to be seen.';
  const sessionName = `AWSCodeBuild-${id.split(':')[1]}`;
  const as = { service: SERVICE_PRINCIPAL, roleArn, sourceArn, sessionName, region };
  const read = new GetLogEventsCommand({ logGroupName: groupName, logStreamName: streamName });
  try {
    const { events = [] } = await ctx.client(CloudWatchLogsClient, as).send(read);
    return events.map(({ message = '' }) => message).join('');
  } catch {
    // Why not is no affair of the public's.
    return 'There is no log to be seen.';
  }
}
