import { parseArn } from '../arn.ts';

/*
 * Where git reads a repository through a connection: an address of this server, which speaks to the provider with the
 * connection's credentials, and which nobody but who may use the connection is let in. AWS has such an address too.
 */

/** Below it come the parts of a connection's ARN, the name that the ARN has for the service, and the repository. */
const CONNECTIONS = '/_slipway/connections';

/** For what git reads: for an action of a pipeline (UseConnection), or for the source of a project (GetConnectionToken). */
export type ConnectionUse = 'git' | 'source';

/** As routes have it. @param service `codeconnections` or `codestar-connections` */
export const connectionGitRoute = (service: string, use: ConnectionUse): string =>
  `${CONNECTIONS}/{account}/{region}/{connection}/${use}/${service}/{rest*}`;

/** The path of a repository of a connection; undefined for what is no ARN of one. */
export function connectionGitPath(
  connectionArn: string,
  fullRepositoryId: string,
  use: ConnectionUse = 'git',
): { path: string; service: string; region: string } | undefined {
  const {
    service = '',
    region = '',
    accountId = '',
    resource = '',
  } = parseArn(connectionArn) ?? {};
  const id = /^connection\/([0-9a-f-]{36})$/.exec(resource)?.[1];
  if (!id || !/^code(star-)?connections$/.test(service)) return undefined;
  const repository = fullRepositoryId.split('/').map(encodeURIComponent).join('/');
  const path = `${CONNECTIONS}/${accountId}/${region}/${id}/${use}/${service}/${repository}`;
  return { path, service, region };
}
