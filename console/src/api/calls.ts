import { store } from '../app/store.ts';

/** One that is kept. */
export interface Call extends Made {
  /** The same for calls that ask the same. */
  key: string;
}

/** A call that the console has made. */
export interface Made {
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

const calls = store<readonly Call[]>([]);

export const isRead = ({ operation }: Made) => READS.test(operation);

export function noteCall(call: Made) {
  // What is asked again and again stands there once, with its last answer. What changes something stands there each time.
  const { service, region, operation, input } = call;
  const key = isRead(call) ? JSON.stringify([service, region, operation, input]) : '';
  const others = calls.now().filter((other) => key === '' || other.key !== key);
  calls.set([{ ...call, key }, ...others].slice(0, KEPT));
}

export const useCalls = calls.use;

export const forgetCalls = () => calls.set([]);
