import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { TOY_SETTINGS } from '../aws/protocols/toy.ts';

/** What the client package of a toy says of its API. */
export interface ToyFacts {
  /** What its requests are signed with. */
  name: string;
  target: string;
  version: string;
  /** A class of the SDK's, as the client packages name theirs. */
  Protocol: new (
    settings: typeof TOY_SETTINGS,
  ) => object;
}

/** The settings that a toy's protocol classes take. */
export function toySettings({ target, version }: Pick<ToyFacts, 'target' | 'version'>) {
  return { ...TOY_SETTINGS, serviceTarget: target, version };
}

/** A client of the SDK's, for a service that AWS does not have: only names and schemas are its own. */
export abstract class ToyClient extends KMSClient {
  constructor(facts: ToyFacts, config: KMSClientConfig & { protocol?: object }) {
    const protocolSettings = toySettings(facts);
    const scheme = {
      schemeId: 'aws.auth#sigv4',
      signingProperties: { name: facts.name, region: config.region },
      propertiesExtractor: (own: object, context: object) => ({
        signingProperties: { config: own, context },
      }),
    };
    super({
      protocol: new facts.Protocol(protocolSettings),
      ...{ ...config, protocolSettings },
      signingName: facts.name,
      httpAuthSchemeProvider: () => [scheme],
    } as KMSClientConfig);
  }
}
