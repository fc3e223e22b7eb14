import type { KMSClientConfig } from '@aws-sdk/client-kms';
import { AwsEc2QueryProtocol } from '@aws-sdk/core/protocols';
import { ToyClient } from '../toy-client.ts';

export {
  NoSuchThing as NoSuchThing$,
  PutThing as PutThing$,
  PutThingCommand,
} from '../../aws/protocols/toy.ts';

// What the client package of a service that speaks EC2's Query exports.

export const FACTS = { name: 'toyec2', target: 'Toyec2_20200202', version: '2020-02-02' };

export class Toyec2Client extends ToyClient {
  constructor(config: KMSClientConfig & { protocol?: object }) {
    super({ ...FACTS, Protocol: AwsEc2QueryProtocol }, config);
  }
}
