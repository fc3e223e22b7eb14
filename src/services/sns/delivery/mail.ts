import type { Platform } from '../../../kit/service.ts';
import { MailRefused } from '../../../network/mail.ts';
import type { Outcome } from '../model/delivery.ts';
import { confirmationMail, type MailText, notificationMail } from '../model/mail.ts';
import { type Job, signedDocument } from './job.ts';
import { linksOf } from './links.ts';

/** To a mailbox, as text or as the document. */
export async function deliverMail(ctx: Platform, job: Job): Promise<Outcome> {
  const { message, subscription, topic } = job;
  try {
    await ctx.mail.send({
      ...(await contentOf(ctx, job)),
      to: subscription.endpoint,
      name: topic.attributes.DisplayName || 'AWS Notifications',
      // Once for each subscription: a second attempt writes the same file.
      id: `${message.id}.${subscription.arn.slice(subscription.arn.lastIndexOf(':') + 1)}`,
      date: message.timestamp,
    });
    return { kind: 'delivered' };
  } catch (error) {
    const { message: reason } = error as Error;
    return { kind: error instanceof MailRefused ? 'refused' : 'failed', reason };
  }
}

async function contentOf(ctx: Platform, job: Job): Promise<MailText> {
  const { message, subscription } = job;
  const links = linksOf(ctx, subscription.arn, message);
  // A person confirms, whatever form the messages have.
  if (message.type === 'SubscriptionConfirmation')
    return confirmationMail(message, links.subscribe);
  const mail = notificationMail(message, links.unsubscribe);
  if (subscription.protocol === 'email') return mail;
  return { ...mail, text: await signedDocument(ctx, job) };
}
