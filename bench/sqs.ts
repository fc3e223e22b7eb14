import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startServer, type TestServer } from '../conformance/server.ts';
import { type Load, load } from './load.ts';
import { jsonCall, signerOf } from './signed.ts';

const BODY = 'a message of a hundred bytes '.repeat(4).slice(0, 100);
const CONNECTIONS = 8;
const WARM_UP_MS = 1_500;
const MEASURE_MS = 3_000;
/** Messages that are received and deleted. */
const MESSAGES = 6_000;
/** With so many in the queue a receive is to take no longer. */
const MANY = 100_000;

/** One side of the comparison: how its requests look, and how a received message is deleted. */
interface Side {
  port: number;
  send(): Promise<string>;
  receive(count: number): Promise<string>;
  /** Requests that delete what an answer to a receive holds. */
  deletions(answer: string): Promise<string[]>;
}

/** Sending, receiving and deleting, one message a call, beside a queue on the same database written by hand. */
export async function benchSqs(): Promise<string[]> {
  const bare = await startBare();
  const server = await startServer();
  const client = new SQSClient(server.client);
  const { QueueUrl = '' } = await client.send(
    new CreateQueueCommand({ QueueName: 'bench', Attributes: { VisibilityTimeout: '3600' } }),
  );
  client.destroy();
  const sides: [string, Side][] = [
    ['by hand', bareSide(bare.port)],
    ['SQS', sqsSide(server, QueueUrl)],
  ];
  const figures = new Map<string, Record<string, Load>>();
  for (const [name, side] of sides) figures.set(name, await measure(side));
  const lines = ['send', 'receive', 'delete'].map((what) => {
    const [floor, ours] = sides.map(([name]) => figures.get(name)?.[what]);
    const [before, after] = [floor?.perSecond ?? 0, ours?.perSecond ?? 0];
    return `${what}: ${Math.round(after)}/s, p99 ${ours?.p99.toFixed(1)} ms; by hand ${Math.round(before)}/s, ratio ${(after / before).toFixed(2)}`;
  });
  lines.push(await fromMany(sqsSide(server, QueueUrl)));
  bare.child.kill();
  await server.stop();
  return lines;
}

async function measure(side: Side): Promise<Record<string, Load>> {
  const { port } = side;
  const request = await side.send();
  await load(port, request, CONNECTIONS, WARM_UP_MS);
  const send = await whole(load(port, request, CONNECTIONS, MEASURE_MS));
  let left = MESSAGES;
  await load(port, request, CONNECTIONS, () => left-- > 0);
  const one = await side.receive(1);
  left = MESSAGES / 2;
  const receive = await whole(load(port, one, CONNECTIONS, () => left-- > 0));
  const deletions: string[] = [];
  const ten = await side.receive(10);
  while (deletions.length < MESSAGES / 2)
    for (const deletion of await side.deletions(await answerOf(port, ten)))
      deletions.push(deletion);
  const next = () => deletions.pop() ?? one;
  const remove = await whole(load(port, next, CONNECTIONS, () => deletions.length > CONNECTIONS));
  return { send, receive, delete: remove };
}

async function whole(measured: Promise<Load>): Promise<Load> {
  const { failures, ...rest } = await measured;
  if (failures > 0) throw new Error(`${failures} calls failed`);
  return { failures, ...rest };
}

/** Fills the queue to the brim, and receives. */
async function fromMany(side: Side): Promise<string> {
  const request = await side.send();
  let left = MANY;
  await load(side.port, request, CONNECTIONS, () => left-- > 0);
  const receive = await side.receive(1);
  const { perSecond, p99 } = await whole(load(side.port, receive, 1, MEASURE_MS));
  return `receive with ${MANY} messages in the queue: ${(1_000 / perSecond).toFixed(2)} ms, p99 ${p99.toFixed(1)} ms`;
}

function sqsSide(server: TestServer, QueueUrl: string): Side {
  const sign = signerOf(server, 'sqs');
  const call = (operation: string, input: object) => {
    const { headers, body } = jsonCall(`AmazonSQS.${operation}`, { QueueUrl, ...input });
    const type = { 'content-type': 'application/x-amz-json-1.0' };
    return sign({ headers: { ...headers, ...type }, body });
  };
  return {
    port: Number(new URL(server.endpoint).port),
    send: () => call('SendMessage', { MessageBody: BODY }),
    receive: (MaxNumberOfMessages) => call('ReceiveMessage', { MaxNumberOfMessages }),
    async deletions(answer) {
      const { Messages = [] } = JSON.parse(answer) as { Messages?: { ReceiptHandle: string }[] };
      return Promise.all(
        Messages.map(({ ReceiptHandle }) => call('DeleteMessage', { ReceiptHandle })),
      );
    },
  };
}

function bareSide(port: number): Side {
  const request = (asked: object) => {
    const body = JSON.stringify(asked);
    return `POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  };
  return {
    port,
    send: async () => request({ send: BODY }),
    receive: async (count) => request({ receive: count }),
    async deletions(answer) {
      return (JSON.parse(answer) as { id: string }[]).map(({ id }) => request({ delete: id }));
    },
  };
}

/** Sends a request as it is and reads the body of the answer. */
async function answerOf(port: number, request: string): Promise<string> {
  const [head = '', body = ''] = request.split('\r\n\r\n');
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line): [string, string] => {
      const [name = '', value = ''] = line.split(/: (.*)/s);
      return [name, value];
    })
    .filter(([name]) => name !== 'host' && name !== 'content-length');
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.text();
}

async function startBare(): Promise<{ port: number; child: ChildProcess }> {
  const args = [...process.execArgv, 'bench/bare-queue.ts'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { port: Number(line), child };
}
