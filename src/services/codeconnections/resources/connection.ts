import { type Arn, formatArn, parseArn } from '../../../aws/arn.ts';
import {
  at,
  defineResource,
  type Located,
  on,
  type Place,
  tagObject,
} from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import {
  connectionNotFound,
  hostNotFound,
  invalid,
  limitExceeded,
  linkNotFound,
} from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import {
  arnOf,
  type Connection,
  type Host,
  isApiName,
  type RepositoryLink,
} from '../model/connection.ts';
import { findConnection, saveConnection } from '../store/connections.ts';
import { findHost, saveHost } from '../store/hosts.ts';
import { findLink, saveLink } from '../store/links.ts';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalid('Tag keys that begin with aws: are for AWS to use.'),
  tooMany: () => limitExceeded(`A resource can have no more than ${MAX_TAGS} tags.`),
};

/** An ARN of ours whose resource is of this kind, as it was said. */
function located(arn: Arn, kind: string): Located | undefined {
  if (!isApiName(arn.service) || !arn.resource.startsWith(`${kind}/`)) return undefined;
  const { accountId, region } = arn;
  return { accountId, region, arn: formatArn(arn) };
}

/** The place that a text names, or one where nothing is. */
function locate(kind: string, { accountId, region }: Place, text: string): Located {
  const arn = parseArn(text);
  return (arn && located(arn, kind)) ?? { accountId, region, arn: text };
}

export const connection = defineResource<string | undefined, Located, Connection>({
  type: 'AWS::CodeStarConnections::Connection',
  locate: (caller, text = '') => locate('connection', caller, text),
  parse: (arn) => located(arn, 'connection'),
  find: findConnection,
  notFound: ({ arn }) => connectionNotFound(arn),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => saveConnection(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

export const host = defineResource<string | undefined, Located, Host>({
  type: 'AWS::CodeStarConnections::Host',
  locate: (caller, text = '') => locate('host', caller, text),
  parse: (arn) => located(arn, 'host'),
  find: findHost,
  notFound: ({ arn }) => hostNotFound(arn),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => saveHost(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

interface LocatedLink extends Located {
  id: string;
  /** The ARN, where the caller said it. */
  said?: string;
}

export const link = defineResource<string | undefined, LocatedLink, RepositoryLink>({
  type: 'AWS::CodeStarConnections::RepositoryLink',
  locate({ accountId, region, api }, id = '') {
    const arn = arnOf({ accountId, region }, api, `repository-link/${id}`);
    return { accountId, region, arn, id: id.toLowerCase() };
  },
  parse(arn) {
    const found = located(arn, 'repository-link');
    const id = arn.resource.slice('repository-link/'.length);
    return found && { ...found, id, said: found.arn };
  },
  find: (db, { accountId, region, id, said }) => findLink(db, { accountId, region, id, arn: said }),
  known: ({ arn }) => ({ arn }),
  named: ({ arn }) => arn,
  notFound: ({ id }) => linkNotFound(id),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => saveLink(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

const pickConnection = (input: { ConnectionArn?: string | undefined }) => input.ConnectionArn;
export const onConnection = on(connection, pickConnection);
export const atConnection = at(connection, pickConnection);
const pickHost = (input: { HostArn?: string | undefined }) => input.HostArn;
export const onHost = on(host, pickHost);
export const atHost = at(host, pickHost);
const pickLink = (input: { RepositoryLinkId?: string | undefined }) => input.RepositoryLinkId;
export const onLink = on(link, pickLink);
