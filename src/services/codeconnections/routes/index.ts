import { collect } from '../../../aws/auth/collect.ts';
import { HttpError } from '../../../aws/http-error.ts';
import { parsePayload } from '../../../kit/forges/payload.ts';
import { isSigned } from '../../../kit/forges/signature.ts';
import type { Platform, Route } from '../../../kit/service.ts';
import { gitRoutes } from '../git-http/route.ts';
import { MAX_WEBHOOK_BYTES } from '../limits.ts';
import { API_NAMES, arnOf } from '../model/connection.ts';
import { readWebhook } from '../model/webhook.ts';

import { sealedFor } from '../sources/remote.ts';
import { WEBHOOKS } from '../sources/webhook-path.ts';
import { heed } from '../sources/webhooks.ts';
import { findConnectionByArn } from '../store/connections.ts';

/** Where providers tell of changes. Who they are, their signature says: a secret that only this connection's provider has. */
// biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
export const routes: Route<any>[] = [
  ...gitRoutes,
  {
    ...{ api: 'codeconnections', operation: 'HandleWebhook', methods: ['POST'], path: WEBHOOKS },
    identity: { by: 'none' },
    async handle(platform, { request, labels }) {
      const { headers } = request;
      const found = await connectionOf(platform, labels);
      // Who does not know a connection's id has nothing read of what he sends.
      if (!found?.webhookSecret) throw notSigned();
      const length = headers['content-length'];
      const how = { limit: MAX_WEBHOOK_BYTES, ...(length && { length: Number(length) }) };
      const { bytes } = await collect(request.body, how);
      const secret = platform.vault.open(found.webhookSecret, sealedFor(found.arn)).toString();
      if (!isSigned(headers, bytes, secret)) throw notSigned();
      const body = parsePayload(bytes);
      if (body === undefined) throw new HttpError(400, 'The body is no JSON.');
      const told = readWebhook(headers, body);
      if (!told) throw new HttpError(400, 'This is no webhook of a provider that is known.');
      const answer = await heed(platform, found, told);
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: `${answer}\n` };
    },
  },
];

/** In the same words whether there is such a connection or not. */
const notSigned = () => new HttpError(401, 'The signature or token is not that of the connection.');

async function connectionOf(platform: Platform, labels: Record<string, string>) {
  const { account: accountId = '', region = '', connection = '' } = labels;
  for (const api of API_NAMES) {
    const arn = arnOf({ accountId, region }, api, `connection/${connection}`);
    const found = await findConnectionByArn(platform.db, arn);
    if (found) return found;
  }
  return undefined;
}
