/** What is used of it: it comes without types. */
declare module 'nodemailer' {
  export interface Message {
    from: { name: string; address: string };
    to: { name: string; address: string };
    subject: string;
    text: string;
    messageId: string;
    date: Date;
    headers?: Record<string, string>;
    disableFileAccess: boolean;
    disableUrlAccess: boolean;
  }
  export interface Transport {
    sendMail(message: Message): Promise<{ message: Buffer }>;
    close(): void;
  }
  export function createTransport(options: object | string, defaults?: object): Transport;
}
