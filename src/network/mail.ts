import { join } from 'node:path';
import type { Transporter } from 'nodemailer';
import { privateDirectory, writeAtomically } from '../lib/files.ts';

/** A mail to one mailbox. */
export interface Mail {
  /** An address without a name. */
  to: string;
  /** Of the sender. */
  name: string;
  subject: string;
  text: string;
  /** What tells it from all others: sent again it is the same mail. Letters, digits, dots and dashes. */
  id: string;
  date: Date;
}

/** The way by which mail leaves. */
export interface Mailer {
  /**
   * @throws MailRefused where the mail server will not take it
   * @throws Error where there is none, or not now
   */
  send(mail: Mail): Promise<void>;
}

/** The mail server has said that it will never take this mail. */
export class MailRefused extends Error {
  override name = 'MailRefused';
}

export interface MailerOptions {
  /** `smtp://…` or `smtps://…`, or undefined: then mails are files. */
  smtpUrl: string | undefined;
  /** Address of the sender. */
  from: string;
  /** Where mails are files. */
  outbox: string;
}

const SMTP_TIMEOUT_MS = 20_000;

/** Mails go to the SMTP server, or lie as `.eml` files where a person, or a mail program, opens them. */
export function makeMailer({ smtpUrl, from, outbox }: MailerOptions): Mailer {
  let transport: Promise<Transporter> | undefined;
  return {
    async send(mail) {
      if (!/^[\w.-]+$/.test(mail.id)) throw new Error('This is no id of a mail');
      transport ??= makeTransport(smtpUrl);
      const made = await transport;
      const sent = await made.sendMail(messageOf(mail, from)).catch((error) => {
        throw failureOf(error);
      });
      if (smtpUrl !== undefined) return;
      privateDirectory(outbox);
      writeAtomically(join(outbox, `${mail.id}.eml`), asFile(sent.message, mail), 0o600);
    },
  };
}

/** Its text as it is, not in lines of 76 characters: files are looked at in terminals too, and links copied from there. */
function asFile(message: Buffer, { text }: Mail): string {
  const [head = ''] = message.toString('utf8').split('\r\n\r\n', 1);
  const headers = head.replace(/^(Content-Transfer-Encoding): .*$/m, '$1: 8bit');
  return `${headers}\r\n\r\n${text.replace(/\r?\n/g, '\r\n')}`;
}

/** Loaded with the first mail: most servers send none. */
async function makeTransport(smtpUrl: string | undefined): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  if (smtpUrl === undefined)
    return createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return createTransport({
    url: smtpUrl,
    connectionTimeout: SMTP_TIMEOUT_MS,
    greetingTimeout: SMTP_TIMEOUT_MS,
    socketTimeout: SMTP_TIMEOUT_MS,
  });
}

function messageOf({ to, name, subject, text, id, date }: Mail, from: string) {
  return {
    // As objects they are not read as lists of addresses.
    from: { name, address: from },
    to: { name: '', address: to },
    messageId: `<${id}@slipway>`,
    // Mail programs that answer absences do not answer these: https://www.rfc-editor.org/rfc/rfc3834
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...{ subject, text, date, disableFileAccess: true, disableUrlAccess: true },
  };
}

/** 5xx is for ever: https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 */
function failureOf(error: Error & { responseCode?: number; code?: string }): Error {
  const { responseCode = 0, code = 'failed' } = error;
  // Its message may hold the password that it was refused with.
  const reason = `The mail server ${responseCode ? `answered ${responseCode}` : `could not be used: ${code}`}.`;
  const isFinal = responseCode >= 500 && code !== 'EAUTH';
  return isFinal ? new MailRefused(reason) : new Error(reason);
}
