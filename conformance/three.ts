import type { TestServer } from './server.ts';

// What the makers of three of each have in common.

/** How an operation lists them: its input beside the page, and where the items are. */
export type Lists = Record<string, { input: object; items: string; atLeast?: number }>;

/** Calls an operation and returns its output. @throws Error when it is refused */
export type Call = (
  api: string,
  operation: string,
  input: object,
) => Promise<Record<string, unknown>>;

export type Where = Pick<TestServer, 'accountId' | 'region'>;

export const THREE = ['1', '2', '3'];

export const TAGS = THREE.map((Key) => ({ Key, Value: 'v' }));

export const each = async (work: (name: string) => Promise<unknown>) => {
  for (const name of THREE) await work(name);
};

/** The one that all hand over which need one. */
export const roleOf = ({ accountId }: Where) => `arn:aws:iam::${accountId}:role/r1`;
