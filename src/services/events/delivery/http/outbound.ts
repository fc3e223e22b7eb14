import type { Platform } from '../../../../kit/service.ts';
import type { HttpRequest } from '../../model/http-request.ts';
import { DeliveryFailed } from '../failure.ts';

/** AWS's: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html */
const TIMEOUT_MS = 5000;

export interface HttpAnswer {
  status: number;
  body: Buffer;
}

/** What src/network/outbound.ts gives to the platform. */
interface Outbound {
  send(request: HttpRequest & { timeoutMs: number }): Promise<HttpAnswer>;
}

/** Sends a request to where this server may send what users say. @throws DeliveryFailed where there is no answer */
export async function sendOut(ctx: Platform, request: HttpRequest): Promise<HttpAnswer> {
  const { outbound } = ctx as Platform & { outbound?: Outbound };
  if (!outbound) throw failed('This server calls no other.', false);
  try {
    return await outbound.send({ ...request, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'OutboundRefused') throw failed(message, false);
    if (name === 'OutboundFailed') throw failed(message, true);
    throw error;
  }
}

const failed = (message: string, again: boolean) =>
  new DeliveryFailed({ code: again ? 'CONNECTION_FAILURE' : 'SDK_CLIENT_ERROR', message, again });
