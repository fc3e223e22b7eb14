import type { Readable } from 'node:stream';
import { HttpError } from '../../../aws/http-error.ts';
import { postedBody } from '../../../kit/posted-body.ts';
import type { Route } from '../../../kit/service.ts';
import { APPROVAL } from '../approvals/link.ts';
import { askPage, donePage } from '../approvals/page.ts';
import { waitingApproval } from '../approvals/waiting.ts';
import { webhookRoute } from './webhook.ts';

const MAX_FORM_BYTES = 8 * 1024;
const FORM_ARRIVES_MS = 20_000;
/** Of PutApprovalResult. */
const MAX_SUMMARY = 512;

const common = { api: 'codepipeline', path: APPROVAL, identity: { by: 'none' } } as const;

/** The link of an approval's mail: whoever has it may answer, for as long as the approval waits. */
export const routes: Route[] = [
  webhookRoute,
  {
    ...{ ...common, methods: ['GET'], operation: 'GetApproval' },
    handle: async (ctx, { request }) => askPage(await waitingApproval(ctx, request.query)),
  },
  {
    ...{ ...common, methods: ['POST'], operation: 'AnswerApproval' },
    async handle(ctx, { request }) {
      const waiting = await waitingApproval(ctx, request.query);
      const form = await readForm(request.body);
      const status = form.get('status');
      if (status !== 'Approved' && status !== 'Rejected')
        throw new HttpError(400, 'The status is neither Approved nor Rejected.');
      const summary = (form.get('summary') ?? '').slice(0, MAX_SUMMARY);
      // With the client package, which nothing needs before.
      const { answer } = await import('../approvals/answer.ts');
      await answer(ctx, waiting, { status, summary });
      return donePage(status);
    },
  },
];

async function readForm(body: Readable): Promise<URLSearchParams> {
  const limits = { most: MAX_FORM_BYTES, withinMs: FORM_ARRIVES_MS };
  const form = await postedBody(body, { ...limits, what: 'form' });
  return new URLSearchParams(form.toString('utf8'));
}
