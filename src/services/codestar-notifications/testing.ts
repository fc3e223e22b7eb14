import type { KMSClientConfig, KMSClientResolvedConfig } from '@aws-sdk/client-kms';
import { AwsRestJsonProtocol } from '@aws-sdk/core/protocols';
import { makeBuilder } from '@smithy/core/client';
import { getEndpointPlugin } from '@smithy/core/endpoints';
import type { MetadataBearer } from '@smithy/types';
import {
  type InputOf,
  type Operations,
  type OutputOf,
  operations,
} from '../../aws/apis/codestar-notifications.ts';
import { ToyClient } from '../../testing/toy-client.ts';
import type { World } from '../../testing.ts';

/** What the client package would have, made of the schemas that the server works by. */
class NotificationsClient extends ToyClient {
  constructor(config: KMSClientConfig) {
    const facts = { name: 'codestar-notifications', target: '', version: '2019-10-15' };
    super({ ...facts, Protocol: AwsRestJsonProtocol }, config);
  }
}

const command = makeBuilder<KMSClientResolvedConfig, object, MetadataBearer>(
  { Endpoint: { type: 'builtInParams', name: 'endpoint' } },
  ...(['CodeStarNotifications', 'NotificationsClient', getEndpointPlugin] as const),
);

const COMMANDS = new Map(
  Object.entries(operations).map(([name, { schema }]) => [
    name,
    class extends command<object, MetadataBearer>({}, () => [], name, schema) {},
  ]),
);

/** Calls operations as the root of an account does. */
export function callerOf({ client }: World, as?: { accountId?: string; region?: string }) {
  return async <N extends keyof Operations>(
    name: N,
    input: InputOf<Operations[N]>,
  ): Promise<OutputOf<Operations[N]>> => {
    const Command = COMMANDS.get(name);
    if (!Command) throw new Error(`There is no operation ${name}`);
    const answer = await client(NotificationsClient, as).send(
      new Command(input as object) as never,
    );
    const { $metadata: _, ...output } = answer as MetadataBearer;
    return output as OutputOf<Operations[N]>;
  };
}
