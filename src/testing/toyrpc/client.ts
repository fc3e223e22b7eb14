import type { KMSClientConfig } from '@aws-sdk/client-kms';
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { ToyClient } from '../toy-client.ts';

export {
  NoSuchThing as NoSuchThing$,
  PutThing as PutThing$,
  PutThingCommand,
} from '../../aws/protocols/toy.ts';

// What the client package of a service that speaks CBOR exports.

// The commands name this target too.
export const FACTS = { name: 'toyrpc', target: 'ToyService', version: '2020-02-02' };

export class ToyrpcClient extends ToyClient {
  constructor(config: KMSClientConfig & { protocol?: object }) {
    super({ ...FACTS, Protocol: AwsSmithyRpcV2CborProtocol }, config);
  }
}
