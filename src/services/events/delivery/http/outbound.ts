import { DeliveryFailed } from '../../../../kit/delivery/failure.ts';
import type { Platform } from '../../../../kit/service.ts';
import {
  type OutboundAnswer,
  OutboundFailed,
  OutboundRefused,
} from '../../../../network/outbound.ts';
import type { HttpRequest } from '../../model/http-request.ts';

/** AWS's: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html */
const TIMEOUT_MS = 5000;

/** Sends a request to where this server may send what users say. @throws DeliveryFailed where there is no answer */
export async function sendOut(
  { outbound }: Platform,
  request: HttpRequest,
): Promise<OutboundAnswer> {
  try {
    return await outbound.send({ ...request, timeoutMs: TIMEOUT_MS });
  } catch (error) {
    if (error instanceof OutboundRefused) throw failed('SDK_CLIENT_ERROR', error, false);
    if (error instanceof OutboundFailed) throw failed('CONNECTION_FAILURE', error, true);
    throw error;
  }
}

const failed = (code: string, { message }: Error, again: boolean) =>
  new DeliveryFailed({ code, message, again });
