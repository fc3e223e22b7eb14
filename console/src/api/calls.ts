import { useSyncExternalStore } from 'react';

/** A call that the console has made. */
export interface Call {
  /** The signing name. */
  service: string;
  operation: string;
  input: object;
  region: string;
  /** Epoch ms. */
  at: number;
  requestId?: string | undefined;
  /** The error's code, where it failed. */
  error?: string | undefined;
}

const KEPT = 100;
const READS = /^(Get|List|Describe|BatchGet|BatchDescribe|Lookup|Query|Head|Search|Poll)/;

let calls: readonly Call[] = [];
const listeners = new Set<() => void>();

export const isRead = ({ operation }: Call) => READS.test(operation);

export function noteCall(call: Call) {
  // What is asked again and again stands there once, with its last answer.
  const same = JSON.stringify([call.operation, call.input]);
  const others = isRead(call)
    ? calls.filter((c) => JSON.stringify([c.operation, c.input]) !== same)
    : calls;
  calls = [call, ...others].slice(0, KEPT);
  for (const listener of listeners) listener();
}

export const useCalls = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => calls,
  );

export function forgetCalls() {
  calls = [];
  for (const listener of listeners) listener();
}
