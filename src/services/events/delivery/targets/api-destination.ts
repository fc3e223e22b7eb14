import { formatArn } from '../../../../aws/arn.ts';
import { DeliveryFailed } from '../../../../kit/delivery/failure.ts';
import type { Platform } from '../../../../kit/service.ts';
import { type HttpRequest, requestTo } from '../../model/http-request.ts';
import { findConnectionByArn } from '../../store/connections.ts';
import { type ApiDestination, findDestinationByArn } from '../../store/destinations.ts';
import { sendOut } from '../http/outbound.ts';
import { forgetToken, tokenOf } from '../http/token.ts';
import type { TargetKind } from './target.ts';

const PREFIX = 'api-destination/';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html#eb-api-destination-response-codes */
const TRIED_AGAIN = new Set([401, 407, 409, 429]);

export const apiDestination: TargetKind = {
  name: 'API destinations',
  isOf: ({ service, resource }) => service === 'events' && resource.startsWith(PREFIX),
  needsRole: true,
  async send(ctx, { target, arn, input, actAs }) {
    const destination = await findDestinationByArn(ctx.db, formatArn(arn));
    if (!destination) throw gone('The API destination');
    await ctx.authorizeAs(actAs, 'events:InvokeApiDestination', destination.arn);
    const connection = await findConnectionByArn(ctx.db, destination.connectionArn);
    if (!connection) throw gone('The connection of the API destination');
    if (connection.state === 'DEAUTHORIZED' || !connection.parameters)
      throw failed('SDK_CLIENT_ERROR', 'The connection is not authorized.', true);
    await turn(ctx, destination);
    const token = await tokenOf(ctx, connection);
    const given = { input, token, ...(target.HttpParameters && { http: target.HttpParameters }) };
    const { status } = await sendOut(ctx, requestOf(destination, connection.parameters, given));
    if (status >= 200 && status < 300) return;
    if (status === 401) forgetToken(connection);
    const again = status >= 500 || TRIED_AGAIN.has(status);
    throw failed(
      status === 429 ? 'THROTTLING' : 'SDK_CLIENT_ERROR',
      `It answered ${status}.`,
      again,
    );
  },
};

/** What a target puts in the place of a `*` may make no address of it. */
function requestOf(...said: Parameters<typeof requestTo>): HttpRequest {
  try {
    return requestTo(...said);
  } catch {
    throw failed('SDK_CLIENT_ERROR', 'The parameters of the target make no request.', false);
  }
}

const failed = (code: string, message: string, again: boolean) =>
  new DeliveryFailed({ code, message, again });
const gone = (what: string) => failed('NO_RESOURCE', `${what} does not exist.`, false);

/** Calls of destinations in the second that runs, by this server. */
const calls = new Map<string, { second: number; count: number }>();
const MAX_KNOWN = 1000;

/** No more calls a second than the destination says: what is too much is tried later. */
async function turn({ clock }: Platform, { arn, rate }: ApiDestination): Promise<void> {
  const second = Math.floor(clock.now().getTime() / 1000);
  const known = calls.get(arn);
  const count = known?.second === second ? known.count + 1 : 1;
  calls.delete(arn);
  calls.set(arn, { second, count });
  if (calls.size > MAX_KNOWN) calls.delete(calls.keys().next().value ?? '');
  if (count > rate) throw failed('THROTTLING', 'The rate of the API destination is reached.', true);
}
