import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Mail, MailRefused, makeMailer } from './mail.ts';

let outbox: string;
beforeEach(() => {
  outbox = join(mkdtempSync(join(tmpdir(), 'slipway-mail-')), 'outbox');
});
afterEach(() => rmSync(join(outbox, '..'), { recursive: true }));

const FROM = 'no-reply@slipway.localhost';
const MAIL: Mail = {
  to: 'me@example.com',
  name: 'News',
  subject: 'Hi',
  text: 'hello\n',
  id: 'one',
  date: new Date('2026-01-01T00:00:00Z'),
};

const written = async (mail: Partial<Mail>) => {
  await makeMailer({ smtpUrl: undefined, from: FROM, outbox }).send({ ...MAIL, ...mail });
  const [name = '', ...more] = readdirSync(outbox);
  expect(more).toEqual([]);
  expect(statSync(join(outbox, name)).mode & 0o777).toBe(0o600);
  const [head = '', body = ''] = readFileSync(join(outbox, name), 'utf8').split(/\r\n\r\n(.*)/s);
  const headers = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return { headers, body };
};

test('a mail is a file that mail programs open', async () => {
  const { headers, body } = await written({});
  expect(headers).toEqual(
    expect.arrayContaining([
      'From: News <no-reply@slipway.localhost>',
      'To: me@example.com',
      'Subject: Hi',
      'Message-ID: <one@slipway>',
      'Date: Thu, 01 Jan 2026 00:00:00 +0000',
      'Auto-Submitted: auto-generated',
    ]),
  );
  expect(body).toContain('hello');
});

test('a link can be copied out of the file', async () => {
  const link = `http://127.0.0.1/?Token=${'3d'.repeat(200)}&x=é`;
  expect((await written({ text: `Here:\n${link}\n` })).body).toContain(`\r\n${link}\r\n`);
});

const NAMES = /^(From|To|Subject|Message-ID|Date|Auto-Submitted|MIME-Version|Content-[\w-]+): /;

test.each<Partial<Mail>>([
  { subject: 'Hi\r\nBcc: all@example.com' },
  { subject: 'Hi\nBcc: all@example.com\n\nother body' },
  { name: 'News\r\nBcc: all@example.com' },
  { name: 'me@example.com, "x" <all@example.com>' },
  { name: '"</x>\r\n' },
  { text: 'x\r\n.\r\nMAIL FROM:<evil@example.com>\r\n' },
])('nothing in %j becomes a header or another mail', async (mail) => {
  const { headers } = await written(mail);
  for (const header of headers) expect(header).toMatch(NAMES);
  expect(headers.filter((header) => header.startsWith('To: '))).toEqual(['To: me@example.com']);
  const from = headers.find((header) => header.startsWith('From: ')) ?? '';
  expect(from).toMatch(/<no-reply@slipway\.localhost>$/);
});

test('an id that would be a path is none', async () => {
  for (const id of ['../x', 'a/b', ''])
    await expect(written({ id })).rejects.toThrow('This is no id of a mail');
});

/** A mail server of a few lines: what it was told, and answers by the first word. */
async function smtpServer(answers: Record<string, string> = {}) {
  const said: string[] = [];
  const server = createServer((socket) => {
    let inData = false;
    socket.on('error', () => {});
    socket.write('220 test\r\n');
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        said.push(line);
        if (inData) {
          if (line !== '.') continue;
          inData = false;
          socket.write(answers['.'] ?? '250 ok\r\n');
          continue;
        }
        const [word = ''] = line.split(/[ :]/);
        if (word === 'DATA') inData = true;
        socket.write(answers[word] ?? (inData ? '354 go on\r\n' : '250 ok\r\n'));
      }
    });
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { said, url: `smtp://127.0.0.1:${port}`, close: () => server.close() };
}

test('a mail goes to the SMTP server, to one mailbox', async () => {
  const { said, url, close } = await smtpServer();
  const text = 'hello\r\n.\r\nRCPT TO:<evil@example.com>\r\n';
  await makeMailer({ smtpUrl: url, from: FROM, outbox }).send({ ...MAIL, text });
  close();
  expect(said).toContain(`MAIL FROM:<${FROM}>`);
  expect(said.filter((line) => line.startsWith('RCPT'))).toContain('RCPT TO:<me@example.com>');
  // The dot of the text is two on the way: what follows is text still.
  expect(said.indexOf('..')).toBeGreaterThan(said.indexOf('DATA'));
});

test.each([
  ['RCPT', '550 no such mailbox', MailRefused],
  ['RCPT', '451 later', Error],
  ['MAIL', '421 too busy', Error],
])('%s answered with %s is told as it is', async (word, answer, kind) => {
  const { url, close } = await smtpServer({ [word]: `${answer}\r\n` });
  const sending = makeMailer({ smtpUrl: url, from: FROM, outbox }).send(MAIL);
  const failure = await sending.catch((error) => error);
  close();
  expect(failure.constructor).toBe(kind);
  expect(failure.message).toBe(`The mail server answered ${answer.slice(0, 3)}.`);
});

test('a server that is not there is a failure that shows no password', async () => {
  const { url, close } = await smtpServer();
  close();
  const withPassword = url.replace('smtp://', 'smtp://user:secret-word@');
  const sending = makeMailer({ smtpUrl: withPassword, from: FROM, outbox }).send(MAIL);
  await expect(sending).rejects.toThrow('The mail server could not be used: ');
  await expect(sending).rejects.not.toThrow('secret-word');
});
