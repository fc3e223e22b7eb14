import type { Message } from './message.ts';
import { textFor } from './notification.ts';

/** A mail's subject and text. */
export interface MailText {
  subject: string;
  text: string;
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html */
export function confirmationMail(
  { topicArn }: Pick<Message, 'topicArn'>,
  confirmUrl: string,
): MailText {
  return {
    subject: 'AWS Notification - Subscription Confirmation',
    text: `You have chosen to subscribe to the topic:
${topicArn}

To confirm this subscription, click or visit the link below (If this was in error no action is necessary):
${confirmUrl}
`,
  };
}

export function notificationMail(message: Message, unsubscribeUrl: string): MailText {
  return {
    subject: message.subject ?? 'AWS Notification Message',
    text: `${textFor(message, 'email')}

--
If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:
${unsubscribeUrl}

Please do not reply directly to this email.
`,
  };
}
