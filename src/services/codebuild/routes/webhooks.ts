import { HttpError } from '../../../aws/http-error.ts';
import { parsePayload } from '../../../kit/forges/payload.ts';
import { isSigned } from '../../../kit/forges/signature.ts';
import { postedBody } from '../../../kit/posted-body.ts';
import type { Route } from '../../../kit/service.ts';
import { MAX_WEBHOOK_BYTES, WEBHOOK_ARRIVES_MS } from '../limits.ts';
import { findWebhookAt } from '../store/webhooks.ts';
import { hashOf, secretSealedFor, WEBHOOKS } from '../webhooks/address.ts';

const LIMITS = { most: MAX_WEBHOOK_BYTES, withinMs: WEBHOOK_ARRIVES_MS };

/** Where forges tell of changes. Who they are, their signature says: a secret that only this webhook's forge has. */
export const webhookRoutes: Route[] = [
  {
    ...{ api: 'codebuild', operation: 'ReceiveWebhook', methods: ['POST'] },
    ...{ path: `${WEBHOOKS}/{address}`, identity: { by: 'none' } },
    async handle(platform, { request, labels: { address = '' } }) {
      const hook = await findWebhookAt(platform.db, hashOf(address));
      if (!hook) throw new HttpError(404, 'There is no such webhook.');
      const bytes = await postedBody(request.body, LIMITS);
      const context = secretSealedFor(hook, hook.project);
      const secret = platform.vault.open(hook.webhook.secret, context).toString();
      if (!isSigned(request.headers, bytes, secret))
        throw new HttpError(401, 'The signature or token is not that of the webhook.');
      const body = parsePayload(bytes);
      if (body === undefined) throw new HttpError(400, 'The request is not JSON.');
      // With the client packages, which nothing needs before.
      const { receive } = await import('../webhooks/receive.ts');
      const answer = await receive(platform, hook, { headers: request.headers, body, bytes });
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: `${answer}\n` };
    },
  },
];
