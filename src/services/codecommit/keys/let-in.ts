import { HttpError } from '../../../aws/http-error.ts';
import type { Caller } from '../../../aws/route-identity.ts';
import type { Platform } from '../../../kit/service.ts';
import type { RepositoryRecord } from '../store/repositories.ts';

/** For routes, which have no errors of an API: what a key refuses is 403 with KMS's words. @throws HttpError */
export async function letIn(
  platform: Platform,
  caller: Caller | undefined,
  record: RepositoryRecord,
): Promise<void> {
  // Not before it is called: it has KMS's client with it.
  const { checkKey, isKeyRefusal } = await import('./data-key.ts');
  try {
    if (caller) await checkKey(platform, caller, record);
    await platform.git.create(record.repositoryId);
  } catch (error) {
    if (isKeyRefusal(error)) throw new HttpError(403, error.message);
    throw error;
  }
}
