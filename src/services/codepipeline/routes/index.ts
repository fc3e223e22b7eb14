import type { Readable } from 'node:stream';
import { HttpError } from '../../../aws/http-error.ts';
import type { Route } from '../../../kit/service.ts';
import { readSome } from '../../../lib/read-some.ts';
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
  const late = setTimeout(() => body.destroy(), FORM_ARRIVES_MS);
  try {
    const read = await readSome(body, MAX_FORM_BYTES);
    if (!('all' in read)) throw new HttpError(413, 'The form is too long.');
    return new URLSearchParams(read.all.toString('utf8'));
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, 'The form did not arrive.');
  } finally {
    clearTimeout(late);
  }
}
