import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import {
  emptyBatch,
  entriesNotDistinct,
  entryCode,
  invalidEntryId,
  tooManyEntries,
} from '../errors.ts';
import { MAX_BATCH_ENTRIES } from '../limits.ts';

/** What every entry of a batch has. */
interface Entry {
  Id: string | undefined;
}

/** @param kind what Query calls an entry: `SendMessageBatchRequestEntry` @throws SQS's errors of batches */
export function checkBatch<E extends Entry>(
  entries: readonly E[] | undefined,
  kind: string,
): readonly E[] {
  if (!entries || entries.length === 0) throw emptyBatch(kind);
  if (entries.length > MAX_BATCH_ENTRIES) throw tooManyEntries(entries.length);
  const seen = new Set<string>();
  for (const { Id = '' } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id)) throw invalidEntryId();
    if (seen.has(Id)) throw entriesNotDistinct(Id);
    seen.add(Id);
  }
  return entries;
}

/** How an entry that was refused is told. @throws the error, where it is not the entry's fault */
export function failed({ Id = '' }: Entry, error: unknown): BatchResultErrorEntry & { Id: string } {
  if (!isTheirs(error)) throw error;
  return { Id, SenderFault: true, Code: entryCode(error), Message: error.message };
}

/** Errors that an entry can have alone. */
const OF_AN_ENTRY = new Set([
  ...['InvalidParameterValueException', 'MissingRequiredParameterException'],
  ...['InvalidMessageContents', 'MessageNotInflight', 'ReceiptHandleIsInvalid'],
]);

function isTheirs(error: unknown): error is Error {
  return error instanceof Error && OF_AN_ENTRY.has(error.name);
}
