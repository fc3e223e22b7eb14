import { DeliveryFailed } from '../../../../kit/delivery/failure.ts';
import type { Platform } from '../../../../kit/service.ts';
import type { Connection } from '../../model/connection.ts';
import { tokenRequest } from '../../model/http-request.ts';
import { sendOut } from './outbound.ts';

interface Token {
  text: string;
  until: number;
}

const MAX_TOKENS = 500;
/** Where the answer does not say how long it is good for. */
const DEFAULT_SECONDS = 300;

/** By connection as it is since its last change, the oldest first. In memory alone: another server asks for one of its own. */
const tokens = new Map<string, Token>();
const keyOf = ({ arn, modifiedAt }: Connection) => `${arn} ${modifiedAt.getTime()}`;

/** What stands in the Authorization header of a connection's requests. @throws DeliveryFailed */
export async function tokenOf(ctx: Platform, connection: Connection): Promise<string | undefined> {
  if (connection.type !== 'OAUTH_CLIENT_CREDENTIALS') return undefined;
  const known = tokens.get(keyOf(connection));
  if (known && known.until > ctx.clock.now().getTime()) return known.text;
  const token = await askForToken(ctx, connection);
  tokens.set(keyOf(connection), token);
  if (tokens.size > MAX_TOKENS) tokens.delete(tokens.keys().next().value ?? '');
  return token.text;
}

/** The API does not take it any more. */
export function forgetToken(connection: Connection): void {
  tokens.delete(keyOf(connection));
}

async function askForToken(ctx: Platform, connection: Connection): Promise<Token> {
  const { status, body } = await sendOut(ctx, tokenRequest(connection.parameters ?? {}));
  const failed = (why: string) =>
    new DeliveryFailed({
      code: 'SDK_CLIENT_ERROR',
      message: `The authorization endpoint of the connection ${why}.`,
      again: status >= 500,
    });
  if (status < 200 || status > 299) throw failed(`answered ${status}`);
  const { access_token: text, token_type: type, expires_in: seconds } = readAnswer(body);
  if (typeof text !== 'string' || text === '') throw failed('gave no token');
  const name = typeof type === 'string' && !/^bearer$/i.test(type) ? type : 'Bearer';
  const lasts = typeof seconds === 'number' && seconds > 0 ? seconds : DEFAULT_SECONDS;
  return { text: `${name} ${text}`, until: ctx.clock.now().getTime() + lasts * 1000 };
}

function readAnswer(body: Buffer): Record<string, unknown> {
  try {
    return Object(JSON.parse(body.toString()));
  } catch {
    return {};
  }
}
