import type { KMSClientConfig } from '@aws-sdk/client-kms';
import { AwsRestJsonProtocol } from '@aws-sdk/core/protocols';
import { ToyClient } from '../toy-client.ts';

export {
  NoSuchThing as NoSuchThing$,
  PutThing as PutThing$,
  PutThingCommand,
} from '../../aws/protocols/toy.ts';

// What the client package of a service that speaks REST-JSON exports.

export const FACTS = { name: 'toyrest', target: 'Toyrest_20200202', version: '2020-02-02' };

export class ToyrestClient extends ToyClient {
  constructor(config: KMSClientConfig & { protocol?: object }) {
    super({ ...FACTS, Protocol: AwsRestJsonProtocol }, config);
  }
}
