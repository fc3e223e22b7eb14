/** What a balancer is to do, as plain data: its owner says it, and says it again whenever it changes. */
export interface BalancerPlan {
  /** The loopback address that its listeners are at. */
  address: string;
  /** The host name by which it is found at 127.0.0.1 as well, among others. */
  name: string;
  /** How long nothing may move on a connection. */
  idleMs: number;
  /** How long a client's connection may be used. */
  keepAliveMs: number;
  forwardedFor: 'append' | 'preserve' | 'remove';
  dropInvalidHeaders: boolean;
  listeners: ListenerPlan[];
  groups: GroupPlan[];
}

export type ListenerProtocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';

/** How a listener speaks TLS. */
export interface TlsPlan extends TlsRules {
  /** The first is for clients that name no server, or one that none of them is for. */
  certificates: CertificatePlan[];
}

export interface TlsRules {
  minVersion: TlsVersion;
  maxVersion: TlsVersion;
  /** In OpenSSL's words. */
  ciphers: string;
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface CertificatePlan {
  /** PEM: its own certificate, and those above it. */
  chain: string;
  /** PEM. */
  key: string;
}

export interface ListenerPlan {
  id: string;
  protocol: ListenerProtocol;
  port: number;
  /** Of HTTPS and TLS. */
  tls?: TlsPlan | undefined;
  /** HTTP: headers of each answer, by their names in lower case, whatever the target says of them. */
  answerHeaders?: { name: string; value: string }[] | undefined;
  /** HTTP: no answer says what made it. */
  hidesServer?: boolean | undefined;
  /** TCP and TLS: how long nothing may move on a connection. */
  idleMs?: number | undefined;
  /** In the order in which they are tried; the last one has no conditions. */
  rules: RulePlan[];
}

export interface RulePlan {
  conditions: Condition[];
  action: Action;
}

/** True where any of its values is. `*` and `?` stand for any text and any character. */
export type Condition =
  | { kind: 'host' | 'path' | 'method'; values: string[] }
  | { kind: 'header'; name: string; values: string[] }
  | { kind: 'query'; values: { key?: string | undefined; value: string }[] }
  | { kind: 'source'; blocks: string[] };

export interface ForwardAction {
  kind: 'forward';
  groups: { id: string; weight: number }[];
  /** How long a client stays with the group that it got. */
  stickySeconds?: number | undefined;
}

/** `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` stand for the request's own. */
export interface RedirectAction {
  kind: 'redirect';
  status: 301 | 302;
  protocol: string;
  host: string;
  port: string;
  path: string;
  query: string;
}

export interface FixedAction {
  kind: 'fixed';
  status: number;
  contentType: string | undefined;
  body: string;
}

export type Action = ForwardAction | RedirectAction | FixedAction;

export interface GroupPlan {
  id: string;
  targets: TargetPlan[];
  algorithm: 'round_robin' | 'least_outstanding_requests' | 'weighted_random';
  /** HTTP: how clients come back to the target that they got. */
  sticky?: StickyPlan | undefined;
  /** Its targets speak TLS; what they say of themselves is not looked at. */
  secure?: boolean | undefined;
  /** How long a target that has become well gets less than its share. */
  slowStartMs?: number | undefined;
  /** TCP: clients of one address go to one target. */
  bySource?: boolean;
  /** TCP: connections to a target end when its time to drain is over. */
  endsConnections: boolean;
  check: CheckPlan;
}

/** By a cookie of the balancer's. */
export interface StickyPlan {
  cookie: 'AWSALB' | 'AWSALBAPP-0' | 'AWSELB';
  /** Undefined: as long as the browser is open, or the application's cookie there. */
  seconds?: number | undefined;
  /** The application's cookie that the session follows. */
  follows?: string | undefined;
  /** The cookie is there a second time, for requests from other sites. */
  crossSite?: boolean | undefined;
}

export interface TargetPlan {
  id: string;
  address: string;
  port: number;
  /** The fleet's: its address is known by who runs it, and not by who asks. */
  ours: boolean;
  health: Health;
  /** When what still goes on there is broken off (epoch milliseconds); undefined where nothing drains. */
  drainsUntil?: number | undefined;
}

export interface CheckPlan {
  enabled: boolean;
  protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';
  /** Undefined: the port that the target has its traffic on. */
  port?: number | undefined;
  path: string;
  intervalMs: number;
  timeoutMs: number;
  healthyAfter: number;
  unhealthyAfter: number;
  /** Statuses that are well: `200`, `200,202`, `200-299`. */
  matcher: string;
}

export type HealthState = 'initial' | 'healthy' | 'unhealthy' | 'unavailable';

export interface Health {
  state: HealthState;
  /** In a row, of the kind that would change the state. */
  count: number;
  failure?: CheckFailure | undefined;
}

/** Why a check failed. */
export type CheckFailure =
  | { kind: 'timeout' }
  | { kind: 'refused' }
  | { kind: 'status'; status: number };

/** A target of a group. */
export const targetKey = (group: string, target: string) => `${group} ${target}`;
