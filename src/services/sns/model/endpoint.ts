import { type Arn, parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { isFunction } from '../../../kit/delivery/function.ts';
import { isDeliveryStream } from '../../../kit/delivery/streams.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalid } from '../errors.ts';
import { MAX_ENDPOINT_CHARACTERS } from '../limits.ts';
import { PROTOCOLS, type Protocol } from './subscription.ts';

/** Those of AWS's that are not served. */
const REFUSED: Record<string, string> = {
  sms: 'the protocol sms',
  application: 'the protocol application (mobile push notifications)',
};

/** @throws InvalidParameterException, or what refuses it by name */
export function readProtocol(text: string): Protocol {
  const found = PROTOCOLS.find((protocol) => protocol === text);
  if (found) return found;
  const refused = ownValue(REFUSED, text);
  if (refused) throw unsupported(refused);
  throw invalid(`Amazon SNS does not support this protocol string: ${text}`);
}

/** One address, in the characters that need no quotes: what more mail allows can hide a second one. */
const MAIL_ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}$/;

/** @throws InvalidParameterException for what the protocol cannot reach */
export function checkEndpoint(
  protocol: Protocol,
  endpoint: string,
  { fifo }: { fifo: boolean },
): void {
  if (endpoint.length > MAX_ENDPOINT_CHARACTERS) throw invalid('Endpoint');
  if (protocol === 'sqs') checkQueue(endpoint, { fifo });
  else if (fifo) throw invalid('Invalid parameter: Endpoint Reason: Please use FIFO SQS queue');
  else if (protocol === 'lambda') checkArn(endpoint, 'Lambda', isFunction);
  else if (protocol === 'firehose') checkArn(endpoint, 'Firehose', isDeliveryStream);
  else if (protocol === 'http' || protocol === 'https') checkUrl(protocol, endpoint);
  else if (!MAIL_ADDRESS.test(endpoint)) throw invalid('Email address');
}

function checkUrl(protocol: string, endpoint: string): void {
  if (!endpoint.startsWith(`${protocol}://`))
    throw invalid('Endpoint must match the specified protocol');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in it
  if (!URL.canParse(endpoint) || /[\s\x00-\x1f]/.test(endpoint)) throw invalid('Endpoint');
}

function checkArn(endpoint: string, name: string, is: (arn: Arn) => boolean): void {
  const arn = parseArn(endpoint);
  if (!arn || !/^\d{12}$/.test(arn.accountId) || arn.region === '' || !is(arn))
    throw invalid(`${name} endpoint ARN`);
}

function checkQueue(endpoint: string, { fifo }: { fifo: boolean }): void {
  const arn = parseArn(endpoint);
  if (arn?.service !== 'sqs' || !/^\d{12}$/.test(arn.accountId) || arn.region === '')
    throw invalid('SQS endpoint ARN');
  if (!fifo && arn.resource.endsWith('.fifo'))
    throw invalid(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
}
