import { AuthFailure } from '../aws/auth/failure.ts';
import { AwsError } from '../aws/errors.ts';
import { isCrossSite } from '../aws/gate.ts';
import type { WireRequest, WireResponse } from '../aws/http.ts';
import { HttpError } from '../aws/http-error.ts';
import type { RouteCall } from '../aws/route-identity.ts';
import { refusedUnserved } from '../aws/unserved.ts';
import type { Platform, Route } from '../kit/service.ts';
import { isRefusal } from '../lib/refusal.ts';
import type { ConsoleParts } from './parts.ts';
import { CSRF_HEADER, cookieName, showsCsrf } from './session/cookie.ts';
import { acting, signedIn } from './session/who.ts';

/** Headers that are between the page and the console: no service is told. */
const OWN_HEADERS = ['cookie', 'origin', 'referer', CSRF_HEADER];
const NAME = /^[a-z0-9-]{1,63}$/;

/**
 * The page's calls. What is behind service and region goes to the dispatcher, and to nothing else of the server, as the
 * session's call: as if it were signed with temporary credentials that no browser ever sees.
 */
export function apiRoute(parts: ConsoleParts): Route {
  return {
    ...{ api: 'signin', operation: 'CallService' },
    path: '/_slipway/console/api/{service}/{region}/{rest*}',
    recordsRefusalsOnly: true,
    identity: {
      by: 'cookie',
      name: cookieName,
      async find(platform, _shown, call) {
        const { request } = call;
        const refuse = (code: string, message: string) =>
          refusal(parts, call, new AwsError(code, message, 403), 403);
        if (!NAME.test(call.labels.service ?? '') || !NAME.test(call.labels.region ?? ''))
          throw new HttpError(404, 'A call names a service and a region.');
        if (isCrossSite(request)) throw refuse('AccessDenied', 'A page of another site asks.');
        const who = await signedIn(platform, parts.signIn, request);
        if (!who) return undefined;
        if (!showsCsrf(request, who.secret))
          throw refuse(
            'AccessDenied',
            `The header ${CSRF_HEADER} does not have the token of this session.`,
          );
        if (who.resetRequired)
          throw refuse('PasswordResetRequired', 'Choose a password of your own first.');
        const { region = '' } = call.labels;
        try {
          return { ...(await acting(platform, who)), region };
        } catch (error) {
          // The role that it has switched to trusts him no longer.
          throw isRefusal(error) ? refuse('AccessDenied', error.message) : error;
        }
      },
      // As AWS tells whose temporary credentials have run out, but for the status.
      refused: (_platform, call) => refusal(parts, call, new AuthFailure('expired-token'), 401),
    },
    subject: 'self',
    async handle(platform, { request, labels, caller }) {
      const { service = '' } = labels;
      if (!caller) throw new HttpError(401, 'Nobody is signed in.');
      const { principal, accessKeyId, region = '' } = caller;
      const internal = { principal, accessKeyId, region, service };
      const forwarded = { ...forwardedOf(request, labels, platform), internal };
      const answer = await parts.dispatch(forwarded);
      return guarded(answer);
    },
  };
}

/** The request as a client of the service would have sent it. */
function forwardedOf(
  request: WireRequest,
  labels: RouteCall['labels'],
  { serverEndpoint }: Pick<Platform, 'serverEndpoint'>,
): WireRequest {
  const headers = { ...request.headers };
  for (const name of OWN_HEADERS) delete headers[name];
  headers.authorization = scopeHeader(labels);
  // By what name the browser reached the server must not tell which bucket is meant.
  headers.host = URL.parse(serverEndpoint())?.host ?? 'localhost';
  return { ...request, path: `/${labels.rest ?? ''}`, headers };
}

/** Only which service a call is for, as in-process clients say it: who calls is said beside. */
const scopeHeader = ({ service, region }: RouteCall['labels']) =>
  `Credential=console/00000000/${region}/${service}/aws4_request`;

/** What a service answers may be anybody's file: should a browser ever show it as a page, it has no origin and no script. */
function guarded({ headers, ...answer }: WireResponse): WireResponse {
  return {
    ...answer,
    headers: {
      ...{ 'cache-control': 'no-store', ...headers, 'x-content-type-options': 'nosniff' },
      'content-security-policy': "sandbox; default-src 'none'",
    },
  };
}

/** In the words of the service that was asked. */
function refusal(
  { apis }: ConsoleParts,
  { request, labels }: RouteCall,
  why: AwsError | AuthFailure,
  status: number,
): HttpError {
  const headers = { ...request.headers, authorization: scopeHeader(labels) };
  const { code, message, answer } = refusedUnserved({ ...request, headers }, apis, why);
  return new HttpError(
    status,
    message,
    {},
    {
      ...answer,
      status,
      headers: { 'x-amzn-errortype': code, ...answer.headers, 'cache-control': 'no-store' },
    },
  );
}
