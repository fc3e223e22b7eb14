import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

// Random stories, told to a queue and to a slow reference that knows all of it.

type Step =
  | { do: 'send'; group: string; delay: number }
  | { do: 'receive'; count: number; visibility: number }
  | { do: 'delete' | 'show'; which: number }
  | { do: 'wait'; seconds: number };

const which = fc.nat(20);
const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({
      do: fc.constant('send' as const),
      group: fc.constantFrom('a', 'b', 'c'),
      delay: fc.constantFrom(0, 0, 5),
    }),
    fc.record({
      do: fc.constant('receive' as const),
      count: fc.integer({ min: 1, max: 4 }),
      visibility: fc.constantFrom(0, 3, 10),
    }),
    fc.record({ do: fc.constantFrom('delete' as const, 'show' as const), which }),
    fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 4, 9) }),
  ),
  { maxLength: 40 },
);

/** A message as the reference has it; times in seconds. */
interface Known {
  body: string;
  group: string;
  visibleAt: number;
  inFlight: boolean;
  receives: number;
}

/** What the reference says may come: of a FIFO queue the first of each group that has nothing in flight. */
function available(messages: Known[], now: number, fifo: boolean): Known[] {
  const visible = messages.filter(({ visibleAt }) => visibleAt <= now);
  if (!fifo) return visible;
  const blocked = new Set(
    messages.filter((m) => m.inFlight && m.visibleAt > now).map(({ group }) => group),
  );
  const ended = new Set<string>();
  return messages.filter(({ group, visibleAt }) => {
    if (visibleAt > now) ended.add(group);
    return !blocked.has(group) && !ended.has(group);
  });
}

/** Handles by body of the last receive, with the number of that receive. */
type Handles = Map<string, { handle: string; receives: number }>;

class Story {
  readonly #sqs: SQSClient;
  readonly #server: World;
  readonly #url: string;
  readonly #fifo: boolean;
  readonly #handles: Handles = new Map();
  #messages: Known[] = [];
  #now = 0;
  #sent = 0;

  constructor(server: World, url: string) {
    this.#server = server;
    this.#sqs = server.client(SQSClient);
    this.#url = url;
    this.#fifo = url.endsWith('.fifo');
  }

  async tell(step: Step): Promise<void> {
    if (step.do === 'send') return this.#send(step);
    if (step.do === 'receive') return this.#receive(step);
    if (step.do === 'wait') {
      this.#server.clock.advance(step.seconds * 1_000);
      this.#now += step.seconds;
      return;
    }
    return this.#change(step);
  }

  async #send({ group, delay }: Step & { do: 'send' }) {
    const body = `${group}${this.#sent++}`;
    const fifo = { MessageGroupId: group, MessageDeduplicationId: body };
    await this.#sqs.send(
      new SendMessageCommand({
        ...{ QueueUrl: this.#url, MessageBody: body },
        ...(this.#fifo ? fifo : { DelaySeconds: delay }),
      }),
    );
    const visibleAt = this.#now + (this.#fifo ? 0 : delay);
    this.#messages.push({ body, group, visibleAt, inFlight: false, receives: 0 });
  }

  async #receive({ count, visibility }: Step & { do: 'receive' }) {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl: this.#url, MaxNumberOfMessages: count, VisibilityTimeout: visibility },
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    const may = available(this.#messages, this.#now, this.#fifo);
    expect(Messages).toHaveLength(Math.min(count, may.length));
    const bodies = Messages.map(({ Body = '' }) => Body);
    expect(new Set(bodies).size).toBe(bodies.length);
    for (const group of this.#fifo ? ['a', 'b', 'c'] : []) {
      const got = bodies.filter((body) => body.startsWith(group));
      const first = may.filter((known) => known.group === group).map(({ body }) => body);
      expect(got).toEqual(first.slice(0, got.length));
    }
    for (const message of Messages) {
      const known = may.find(({ body }) => body === message.Body);
      if (!known) throw new Error(`${message.Body} must not be seen`);
      known.receives += 1;
      known.visibleAt = this.#now + visibility;
      known.inFlight = true;
      expect(message.Attributes?.ApproximateReceiveCount).toBe(String(known.receives));
      const handle = message.ReceiptHandle ?? '';
      this.#handles.set(known.body, { handle, receives: known.receives });
    }
  }

  async #change({ do: what, which: index }: Step & { do: 'delete' | 'show' }) {
    const [body, last] = [...this.#handles][index] ?? [];
    if (body === undefined || last === undefined) return;
    const known = this.#messages.find((one) => one.body === body);
    const current = known?.receives === last.receives ? known : undefined;
    const hidden = current !== undefined && current.visibleAt > this.#now;
    const of = { QueueUrl: this.#url, ReceiptHandle: last.handle };
    const call =
      what === 'delete'
        ? this.#sqs.send(new DeleteMessageCommand(of))
        : this.#sqs.send(new ChangeMessageVisibilityCommand({ ...of, VisibilityTimeout: 0 }));
    const refused = await call.then(
      () => undefined,
      (error: Error) => error.name,
    );
    if (what === 'show') {
      expect(refused).toBe(hidden ? undefined : 'MessageNotInflight');
      if (hidden && current) current.visibleAt = this.#now;
      return;
    }
    const expired = this.#fifo && current !== undefined && !hidden;
    expect(refused).toBe(expired ? 'InvalidParameterValue' : undefined);
    if (!expired && current) this.#messages = this.#messages.filter((one) => one !== current);
  }

  /** What is left can be received, all of it, once. */
  async end(): Promise<void> {
    await this.tell({ do: 'wait', seconds: 20 });
    const left = this.#messages.length;
    const seen = new Set<string>();
    for (let round = 0; round <= left; round++) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.#url, MaxNumberOfMessages: 10 }),
      );
      for (const { Body = '', ReceiptHandle } of Messages) {
        expect(seen.has(Body)).toBe(false);
        seen.add(Body);
        const of = { QueueUrl: this.#url, ReceiptHandle };
        await this.#sqs.send(new DeleteMessageCommand(of));
      }
    }
    expect([...seen].toSorted()).toEqual(this.#messages.map(({ body }) => body).toSorted());
  }
}

const RUNS = Number(process.env.SLIPWAY_TEST_RUNS ?? 40);

eachDialect('Random stories of SQS', (makeDatabase) => {
  let server: World;
  afterEach(() => expect(server.failures).toEqual([]));

  it.each(['q', 'q.fifo'])('end as the reference says (%s)', { timeout: 300_000 }, async (name) => {
    server = await world(makeDatabase, [service]);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (told) => {
        const { QueueUrl = '' } = await server.client(SQSClient).send(
          new CreateQueueCommand({
            QueueName: `s${count++}${name}`,
            Attributes: name === 'q' ? {} : { FifoQueue: 'true' },
          }),
        );
        const story = new Story(server, QueueUrl);
        for (const step of told) await story.tell(step);
        await story.end();
      }),
      { numRuns: RUNS },
    );
  });
});
