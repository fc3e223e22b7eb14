import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { OutboundFailed, OutboundRefused } from '../../../network/outbound.ts';
import { invalid } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import type { StoredWebhook } from '../store/webhooks.ts';
import { urlOf } from './address.ts';

/*
 * GitHub is asked to call a webhook, and not to any more, with the token of the source action, as AWS does it (CP-C47).
 * https://docs.github.com/en/rest/repos/webhooks
 */

const GITHUB = 'https://api.github.com';
/** A page of hooks has to be no longer than an answer may be. */
const PAGE = 20;
const MOST_PAGES = 50;

type Ctx = Pick<ServiceContext, 'config' | 'outbound' | 'serverEndpoint'>;

/** One that is there already is left as it is. @throws ValidationException where GitHub refuses */
export async function register(ctx: Ctx, hook: StoredWebhook, action: Action): Promise<void> {
  const url = urlOf(ctx, hook.address);
  if ((await findHook(ctx, action, url)) !== undefined) return;
  const { SecretToken: secret } = hook.definition.authenticationConfiguration;
  const config = { url, content_type: 'json', ...(secret !== undefined && { secret }) };
  await call(ctx, action, 'POST', '', { name: 'web', active: true, events: ['push'], config });
}

/** @throws ValidationException where GitHub refuses */
export async function deregister(ctx: Ctx, hook: StoredWebhook, action: Action): Promise<void> {
  const id = await findHook(ctx, action, urlOf(ctx, hook.address));
  if (id !== undefined) await call(ctx, action, 'DELETE', `/${id}`);
}

async function findHook(ctx: Ctx, action: Action, url: string): Promise<number | undefined> {
  for (let page = 1; page <= MOST_PAGES; page++) {
    const hooks = await call(ctx, action, 'GET', `?per_page=${PAGE}&page=${page}`);
    const all = (Array.isArray(hooks) ? hooks : []) as {
      id?: unknown;
      config?: { url?: unknown };
    }[];
    const id = all.find(({ config }) => config?.url === url)?.id;
    if (typeof id === 'number') return id;
    if (all.length < PAGE) return undefined;
  }
  return undefined;
}

async function call(
  { config, outbound }: Ctx,
  { configuration }: Action,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const of = (key: string) => ownValue(configuration, key) ?? '';
  // Dots would be another part of GitHub's API.
  if ([of('Owner'), of('Repo')].some((name) => /^\.{1,2}$/.test(name)))
    throw invalid(`${of('Owner')}/${of('Repo')} is no repository of GitHub's`);
  const repository = `${encodeURIComponent(of('Owner'))}/${encodeURIComponent(of('Repo'))}`;
  const base = (ownValue(config.upstream, 'github') ?? GITHUB).replace(/\/$/, '');
  const answer = await outbound
    .send({
      ...{ method, url: `${base}/repos/${repository}/hooks${path}` },
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${of('OAuthToken')}`,
        'user-agent': 'slipway',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    .catch((error) => {
      if (error instanceof OutboundFailed || error instanceof OutboundRefused)
        throw invalid(`GitHub could not be asked: ${error.message}`);
      throw error;
    });
  if (answer.status >= 300)
    throw invalid(
      `GitHub answered ${answer.status} for the webhooks of ${of('Owner')}/${of('Repo')}: the token of the source action must be one that may administer them`,
    );
  return parsed(answer.body);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString() || 'null');
  } catch {
    throw invalid('GitHub answered what is no JSON');
  }
}
