/** What a server is started with. Only this file reads process.env (the rest of it is to come). */
export interface Config {
  host: string;
  port: number;
  dataDir: string;
  auth: 'strict' | 'relaxed';
  executor: 'auto' | 'docker' | 'process';
  /** The account of the root key. */
  accountId: string;
  region: string;
  /** `postgres://…`, or undefined for SQLite under the data directory. */
  databaseUrl?: string;
  /** Service name (`lambda`) to the endpoint that its in-process clients go to instead. */
  upstream: Record<string, string>;
}
