import type { WireResponse } from '../../../aws/http.ts';
import { HttpError } from '../../../aws/http-error.ts';
import type { Route } from '../../../kit/service.ts';
import { confirm } from '../confirmation/confirm.ts';
import { CONFIRM, isUnsubscribeToken, UNSUBSCRIBE } from '../delivery/links.ts';
import { CERTIFICATES, certificateNamed } from '../delivery/signer.ts';
import { deleteSubscription, findSubscription } from '../store/subscriptions.ts';

const common = { api: 'sns', methods: ['GET'], identity: { by: 'none' } } as const;

/** What is asked for by a link in a message: whoever has it may, as at AWS. */
export const routes: Route[] = [
  {
    ...{ ...common, operation: 'ConfirmSubscription', path: CONFIRM },
    async handle(ctx, { request }) {
      const { topicArn, token } = named(request.query, { topicArn: 'TopicArn', token: 'Token' });
      const how = { authenticated: false, authenticateOnUnsubscribe: false };
      const confirmed = await confirm(ctx, { topicArn, token, ...how });
      if (!confirmed) throw new HttpError(400, 'This link is not valid, or not any more.');
      return page(
        'Subscription confirmed!',
        `You have successfully subscribed.\nYour subscription's id is:\n${confirmed.arn}`,
      );
    },
  },
  {
    ...{ ...common, operation: 'Unsubscribe', path: UNSUBSCRIBE },
    async handle(ctx, { request }) {
      const { arn, token } = named(request.query, { arn: 'SubscriptionArn', token: 'Token' });
      if (!isUnsubscribeToken(ctx, arn, token)) throw new HttpError(403, 'This link is not valid.');
      await ctx.transaction(async (tx) => {
        const found = await findSubscription(tx, arn);
        if (!found) throw new HttpError(404, 'The subscription does not exist any more.');
        if (found.authenticateOnUnsubscribe)
          throw new HttpError(
            403,
            'This subscription is ended by a signed call of its owner alone.',
          );
        await deleteSubscription(tx, found);
      });
      return page('Subscription removed!', `The subscription has been removed:\n${arn}`);
    },
  },
  {
    ...{ ...common, operation: 'GetCertificate', path: `${CERTIFICATES}/{name}` },
    async handle(ctx, { labels: { name = '' } }) {
      const certificate = await certificateNamed(ctx, name);
      if (certificate === undefined) throw new HttpError(404, 'There is no such certificate.');
      return {
        status: 200,
        headers: { 'content-type': 'application/x-pem-file' },
        body: certificate,
      };
    },
  },
];

function named<K extends string>(query: string, parameters: Record<K, string>): Record<K, string> {
  const given = new URLSearchParams(query);
  const read = Object.entries<string>(parameters).map(([key, name]) => [
    key,
    given.get(name) ?? '',
  ]);
  return Object.fromEntries(read);
}

/** Text, in which nothing that somebody chose is more than text. */
const page = (title: string, text: string): WireResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${title}\n\n${text}\n`,
});
