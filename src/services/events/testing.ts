import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../aws/errors.ts';
import type { OpenDatabase } from '../../db/database.ts';
import type { MakeDatabase } from '../../db/testing.ts';
import type { ActAs, ClientClass, Platform, ServiceDefinition } from '../../kit/service.ts';
import { ManualClock } from '../../lib/clock.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';

/** A call that came to another service, which is not there. */
export interface Call {
  operation: string;
  input: Record<string, unknown>;
  actAs: ActAs;
}

export const queueArn = (name: string, accountId = ACCOUNT) =>
  `arn:aws:sqs:${REGION}:${accountId}:${name}`;

/** A world with EventBridge, and queues and topics that only note what comes. */
export interface EventsWorld extends World {
  bridge: EventBridgeClient;
  calls: Call[];
  /** Set it to have calls fail. */
  refuse(call: Call): Error | undefined;
  /** What came to queues of this name. */
  received(queue: string): unknown[];
}

/** An error as an SDK's client throws it. */
export const apiError = (name: string, httpStatusCode: number) =>
  Object.assign(new AwsError(name, 'no', httpStatusCode), { $metadata: { httpStatusCode } });

export async function eventsWorld(
  on: MakeDatabase | OpenDatabase,
  more: ServiceDefinition[] = [],
  { clock = new ManualClock() }: { clock?: ManualClock } = {},
): Promise<EventsWorld> {
  const calls: Call[] = [];
  const others = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T {
      if (!['SQSClient', 'SNSClient'].includes(Client.name)) return real(Client, actAs);
      const send = async (command: { input: Record<string, unknown> }) => {
        const call = { operation: command.constructor.name, input: command.input, actAs };
        const error = made.refuse(call);
        if (error) throw error;
        calls.push(call);
      };
      return { send, destroy() {} } as unknown as T;
    };
  const around = { client: others };
  const server = await world(on, [service, ...more], { around, clock });
  const received = (queue: string) =>
    calls
      .filter(({ input }) => String(input.QueueUrl).endsWith(`/${queue}`))
      .map(({ input }) => JSON.parse(String(input.MessageBody)));
  const made: EventsWorld = {
    ...{ ...server, bridge: server.client(EventBridgeClient), calls, received },
    refuse: () => undefined,
  };
  return made;
}
