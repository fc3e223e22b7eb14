import type { WireResponse } from '../../../aws/http.ts';
import { HttpError } from '../../../aws/http-error.ts';
import { postedBody } from '../../../kit/posted-body.ts';
import type { Platform, Route } from '../../../kit/service.ts';
import { limits } from '../limits.ts';
import { findWebhookAt, putWebhook, type StoredWebhook } from '../store/webhooks.ts';
import { hashOf, WEBHOOKS } from '../webhooks/address.ts';
import { comesFrom, isSigned } from '../webhooks/authentication.ts';

/** Where source hosts tell of changes. The address is of one webhook, which says how the sender shows who he is. */
export const webhookRoute: Route = {
  api: 'codepipeline',
  operation: 'ReceiveWebhook',
  methods: ['POST'],
  path: `${WEBHOOKS}/{address}`,
  identity: { by: 'none' },
  async handle(ctx, { request, labels: { address = '' } }) {
    const hook = await findWebhookAt(ctx.db, hashOf(address));
    if (!hook) throw new HttpError(404, 'There is no such webhook.');
    return noting(ctx, hook, async () => {
      if (!comesFrom(hook.definition, request.remoteAddress))
        throw new HttpError(403, 'The webhook takes no requests from this address.');
      const body = await postedBody(request.body, {
        most: limits.webhookBytes,
        withinMs: limits.webhookArrivesMs,
      });
      if (!isSigned(hook.definition, request.headers, body))
        throw new HttpError(403, 'The signature of the request is not that of the webhook.');
      const event = parse(body, request.headers['content-type']);
      // With the client package, which nothing needs before.
      const { receive } = await import('../webhooks/receive.ts');
      const pipelineExecutionId = await receive(ctx, hook, event);
      return answer(pipelineExecutionId ? { pipelineExecutionId } : { ignored: true });
    });
  },
};

const answer = (body: object): WireResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** Keeps with the webhook why a request was refused, for ListWebhooks: the first of a kind alone, so that nobody fills the disk. */
async function noting(
  ctx: Platform,
  hook: StoredWebhook,
  work: () => Promise<WireResponse>,
): Promise<WireResponse> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HttpError && hook.error?.message !== error.message)
      await ctx.transaction(async (tx) => {
        const now = await findWebhookAt(tx, hook.addressHash);
        const told = { code: String(error.status), message: error.message };
        if (now) await putWebhook(tx, { ...now, error: told });
      });
    throw error;
  }
}

/** JSON, or a form with JSON in `payload`: GitHub's two. */
function parse(body: Buffer, type = ''): unknown {
  const text = body.toString('utf8');
  const isForm = type.startsWith('application/x-www-form-urlencoded');
  try {
    return JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
  } catch {
    throw new HttpError(400, 'The request is not JSON.');
  }
}
