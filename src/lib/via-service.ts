import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/**
 * Runs `work` so that KMS sees its calls as made by `service` on behalf of the caller (AWS: `kms:ViaService`),
 * which opens the account's AWS-managed key of that service to them. In-process calls run in the async
 * context of their caller; a request from a socket starts a context of its own, so nobody outside can claim it.
 * @param service as in ARNs: `s3`
 */
export function viaService<T>(service: string, work: () => Promise<T>): Promise<T> {
  return current.run(service, work);
}

/** The service that the current call is made through, or undefined for a call from outside. */
export function currentViaService(): string | undefined {
  return current.getStore();
}
