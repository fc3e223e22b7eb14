import { ownValue } from '../../lib/own.ts';
import { ec2Query } from './ec2-query.ts';
import { json10, json11 } from './json.ts';
import type { Protocol } from './protocol.ts';
import { query } from './query.ts';
import { restJson } from './rest-json.ts';
import { restXml } from './rest-xml.ts';
import { rpcV2Cbor } from './rpc-v2-cbor.ts';

/** By the ids that client packages carry. */
const PROTOCOLS: Record<string, Protocol> = {
  'aws.protocols#awsJson1_0': json10,
  'aws.protocols#awsJson1_1': json11,
  'aws.protocols#awsQuery': query,
  'aws.protocols#ec2Query': ec2Query,
  'aws.protocols#restXml': restXml(),
  'aws.protocols#restJson1': restJson,
  'smithy.protocols#rpcv2Cbor': rpcV2Cbor,
};

/** By their own names, which manifests have. @throws Error for a name that none has */
export function protocolNamed(name: string): Protocol {
  const found = Object.values(PROTOCOLS).find((protocol) => protocol.name === name);
  if (!found) throw new Error(`No protocol is called ${name}`);
  return found;
}

/** @throws Error for a protocol that is not built */
export function protocolOf(shapeId: string): Protocol {
  const protocol = ownValue(PROTOCOLS, shapeId);
  if (!protocol) throw new Error(`No wire support for ${shapeId}`);
  return protocol;
}
