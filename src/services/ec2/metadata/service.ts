import type { IncomingMessage } from 'node:http';
import type { Platform } from '../../../kit/service.ts';
import { architectureOf } from '../model/images.ts';
import type { TaggedInstance } from '../model/instance.ts';
import { identityDocument, type MetadataSource, metadataAt } from '../model/metadata.ts';
import { listGroups } from '../store/security-groups.ts';
import { makeCredentials, roleOf } from './credentials.ts';

export interface Answer {
  status: number;
  body: string | Buffer;
  headers?: Record<string, string>;
}

const said = (status: number): Answer => ({ status, body: '' });
const text = (body: string | Buffer): Answer => ({ status: 200, body });
const json = (value: object): Answer => ({
  ...{ status: 200, body: `${JSON.stringify(value, null, 2)}\n` },
  headers: { 'content-type': 'application/json' },
});

const TOKEN = 'x-aws-ec2-metadata-token';
const TTL = `${TOKEN}-ttl-seconds`;
const MOST_SECONDS = 21_600;
/** Whoever sends such a request on did not write it: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'via'];

const VERSION = /^\/(latest|1\.0|20\d\d-\d\d-\d\d)(\/.*)?$/;

/**
 * Answers as the instance metadata service does: to the one instance whose tunnel a request has come by, whatever it says.
 * @param load the instance as it is now; undefined once it is no more
 */
export function makeMetadata(
  platform: Pick<Platform, 'client' | 'clock' | 'vault' | 'db'>,
  load: () => Promise<TaggedInstance | undefined>,
) {
  const credentialsOf = makeCredentials(platform);
  const now = () => platform.clock.now().getTime();
  const contextOf = ({ accountId, region, id }: TaggedInstance) =>
    `ec2-metadata-token ${accountId} ${region} ${id}`;

  function newToken(instance: TaggedInstance, ttl: string | undefined): Answer {
    if (!ttl || !/^\d{1,5}$/.test(ttl)) return said(400);
    const seconds = Number(ttl);
    if (seconds < 1 || seconds > MOST_SECONDS) return said(400);
    const until = now() + seconds * 1000;
    const token = platform.vault.seal(String(until), contextOf(instance));
    return { status: 200, body: token, headers: { [TTL]: ttl } };
  }

  function isValid(instance: TaggedInstance, token: string): boolean {
    try {
      return Number(platform.vault.open(token, contextOf(instance)).toString()) > now();
    } catch {
      return false;
    }
  }

  async function iam(instance: TaggedInstance, path: string): Promise<Answer> {
    const { profile } = instance.body;
    if (!profile) return said(404);
    if (path === '') return text('info\nsecurity-credentials/');
    const LastUpdated = `${new Date(now()).toISOString().slice(0, 19)}Z`;
    const ids = { InstanceProfileArn: profile.arn, InstanceProfileId: profile.id };
    const role = await roleOf(platform, instance);
    if (path === 'info')
      return json({ Code: role ? 'Success' : 'InstanceProfileNotFound', LastUpdated, ...ids });
    if (path !== 'security-credentials' && !path.startsWith('security-credentials/'))
      return said(404);
    const name = path.slice('security-credentials'.length).replaceAll('/', '');
    if (!role) return said(404);
    if (name === '') return text(role.name);
    return name === role.name ? json(await credentialsOf(instance, role)) : said(404);
  }

  async function leaf(instance: TaggedInstance, path: string): Promise<Answer> {
    const { userData, imageId: _ } = instance.body;
    const bytes = userData === undefined ? undefined : Buffer.from(userData, 'base64');
    if (path === '')
      return text(['dynamic', 'meta-data', ...(bytes ? ['user-data'] : [])].join('\n'));
    if (path === 'user-data') return bytes ? text(bytes) : said(404);
    const groups = await listGroups(platform.db, instance);
    const source: MetadataSource = {
      ...{ instance, architecture: architectureOf(process.arch), userData: bytes },
      groupNames: instance.body.groups.flatMap(
        (id) => groups.find((group) => group.id === id)?.name ?? [],
      ),
    };
    if (path === 'dynamic') return text('instance-identity/');
    if (path === 'dynamic/instance-identity') return text('document');
    if (path === 'dynamic/instance-identity/document') return json(identityDocument(source));
    const [, below] = /^meta-data(?:\/(.*))?$/.exec(path) ?? [undefined, undefined];
    if (path !== 'meta-data' && below === undefined) return said(404);
    const name = below ?? '';
    if (name === 'iam' || name.startsWith('iam/')) return iam(instance, name.slice(4));
    const found = metadataAt(source, name);
    return found === undefined ? said(404) : text(found);
  }

  return async (request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Promise<Answer> => {
    const { method = 'GET', url = '/', headers } = request;
    const instance = await load();
    if (!instance || instance.body.metadata.endpoint === 'disabled') return said(403);
    if (FORWARDED.some((name) => headers[name] !== undefined)) return said(403);
    const [path = ''] = url.split('?');
    if (method === 'PUT')
      return path === '/latest/api/token' ? newToken(instance, one(headers[TTL])) : said(405);
    if (method !== 'GET' && method !== 'HEAD') return said(405);
    const token = one(headers[TOKEN]);
    const passes =
      token === undefined ? instance.body.metadata.tokens === 'optional' : isValid(instance, token);
    if (!passes) return said(401);
    if (path === '/') return text('1.0\nlatest');
    const [, , below = ''] = VERSION.exec(path) ?? [];
    if (!VERSION.test(path)) return said(404);
    return leaf(instance, below.replace(/^\/|\/$/g, ''));
  };
}

const one = (value: string | string[] | undefined): string | undefined => [value].flat()[0];
