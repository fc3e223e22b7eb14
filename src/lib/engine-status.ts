/** How durable work goes, over all servers of a database: what `GET /_slipway/engine` answers. Times are ISO 8601. */
export interface EngineStatus {
  at: string;
  nodes: Listed<NodeStatus>;
  /** Those that have anything to do now or later. */
  reconcilers: ReconcilerStatus[];
  /** Keys that are being worked on, the longest first. */
  leases: Listed<Lease>;
  /** Keys whose last run failed, those that have failed longest first. */
  failing: Listed<FailingKey>;
  /** Keys that wait or are worked on for longer than `waitingMs` and `workingMs` say, the longest first. */
  stuck: Listed<StuckKey>;
  rule: StuckRule;
}

/** The first hundred, and how many there are. */
export interface Listed<T> {
  total: number;
  first: T[];
}

export interface NodeStatus {
  node: string;
  since: string;
  /** By its own clock; not there where a database has one server alone, which nobody has to watch. */
  lastHeartbeat?: string;
  /** The one that answers. */
  self: boolean;
}

export interface ReconcilerStatus {
  name: string;
  /** Wake-ups whose time has come, and whose key is not at work already for what they ask. */
  queued: number;
  /** Since when the oldest of them waits. */
  oldest?: string;
  /** Wake-ups for later. */
  later: number;
  /** Keys that are being worked on. */
  working: number;
  /** Keys whose last run failed. */
  failing: number;
}

interface Key {
  reconciler: string;
  key: string;
}

export interface Lease extends Key {
  node: string;
  since: string;
}

export interface FailingKey extends Key {
  /** Failures in a row. */
  attempts: number;
  since: string;
  lastError: string;
  nextTry: string;
}

export interface StuckKey extends Key {
  state: 'waiting' | 'working';
  /** Since when it is due, or worked on. */
  since: string;
  /** Who works on it. */
  node?: string;
}

/** From when on a key passes for stuck, in milliseconds. */
export interface StuckRule {
  /** Due, and nobody works on it. */
  waitingMs: number;
  /** Worked on. */
  workingMs: number;
  /** By reconciler: those that may work on a key for longer. */
  exceptions: Record<string, number>;
  /** Reconcilers that stay with a key as long as there is something to look after. */
  staying: string[];
}
