import type {
  ConnectionAuthorizationType,
  ConnectionHttpParameters,
  CreateConnectionAuthRequestParameters,
  UpdateConnectionAuthRequestParameters,
} from '@aws-sdk/client-eventbridge';

export type AuthParameters = CreateConnectionAuthRequestParameters;

/** How requests to somebody else's API say who they are of. */
export interface Connection {
  accountId: string;
  region: string;
  name: string;
  arn: string;
  description?: string;
  type: ConnectionAuthorizationType;
  /** With its secrets; absent once it was deauthorized. */
  parameters?: AuthParameters;
  state: 'AUTHORIZED' | 'AUTHORIZING' | 'DEAUTHORIZED';
  reason?: string;
  createdAt: Date;
  modifiedAt: Date;
  authorizedAt?: Date;
}

/** Which member has the parameters of a kind of authorization. */
const MEMBERS = {
  BASIC: 'BasicAuthParameters',
  API_KEY: 'ApiKeyAuthParameters',
  OAUTH_CLIENT_CREDENTIALS: 'OAuthParameters',
} as const;

/** Why parameters are none of this kind, or undefined. */
export function faultOfParameters(
  type: ConnectionAuthorizationType,
  parameters: AuthParameters,
): string | undefined {
  const wanted = MEMBERS[type];
  const others = Object.values(MEMBERS).filter((member) => member !== wanted);
  if (parameters[wanted] === undefined)
    return `Parameter AuthParameters is not valid. Reason: ${wanted} is required for ${type}.`;
  const strange = others.find((member) => parameters[member] !== undefined);
  return strange && `Parameter AuthParameters is not valid. Reason: ${strange} is not of ${type}.`;
}

/** What was, with what a change says in its place. */
export function mergedParameters(
  before: AuthParameters | undefined,
  change: UpdateConnectionAuthRequestParameters,
): AuthParameters {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = change;
  const was = before ?? {};
  return {
    ...was,
    ...(basic && { BasicAuthParameters: { ...was.BasicAuthParameters, ...basic } }),
    ...(key && { ApiKeyAuthParameters: { ...was.ApiKeyAuthParameters, ...key } }),
    ...(oauth && {
      OAuthParameters: {
        ...was.OAuthParameters,
        ...oauth,
        ClientParameters: { ...was.OAuthParameters?.ClientParameters, ...oauth.ClientParameters },
      },
    }),
    ...(change.InvocationHttpParameters && {
      InvocationHttpParameters: change.InvocationHttpParameters,
    }),
  } as AuthParameters;
}

/** Parameters without their secrets, as answers show them. */
export function shownParameters(parameters: AuthParameters | undefined) {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key } = parameters ?? {};
  const { OAuthParameters: oauth, InvocationHttpParameters: more } = parameters ?? {};
  return {
    ...(basic && { BasicAuthParameters: { Username: basic.Username } }),
    ...(key && { ApiKeyAuthParameters: { ApiKeyName: key.ApiKeyName } }),
    ...(oauth && {
      OAuthParameters: {
        ClientParameters: { ClientID: oauth.ClientParameters?.ClientID },
        AuthorizationEndpoint: oauth.AuthorizationEndpoint,
        HttpMethod: oauth.HttpMethod,
        ...(oauth.OAuthHttpParameters && {
          OAuthHttpParameters: shownHttp(oauth.OAuthHttpParameters),
        }),
      },
    }),
    ...(more && { InvocationHttpParameters: shownHttp(more) }),
  };
}

interface HttpParameter {
  Key?: string | undefined;
  Value?: string | undefined;
  IsValueSecret?: boolean | undefined;
}

function shownHttp(parameters: ConnectionHttpParameters) {
  const shown = (list: readonly HttpParameter[] | undefined) =>
    list?.map(({ Value, ...each }) =>
      each.IsValueSecret || Value === undefined ? each : { ...each, Value },
    );
  return {
    HeaderParameters: shown(parameters.HeaderParameters),
    QueryStringParameters: shown(parameters.QueryStringParameters),
    BodyParameters: shown(parameters.BodyParameters),
  };
}
