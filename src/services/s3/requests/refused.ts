import { ownValue } from '../../../lib/own.ts';
import { headerNotImplemented } from '../errors.ts';

const SSE_C = 'encryption with keys that the caller keeps (SSE-C)';
const LOCK = 'Object Lock';
const CUSTOMER = 'server-side-encryption-customer';

/** Members that change what any operation does, in ways that are not built: the header that says each, and what it is about. */
const REFUSED: Record<string, readonly [header: string, what: string]> = {
  SSECustomerAlgorithm: [`x-amz-${CUSTOMER}-algorithm`, SSE_C],
  SSECustomerKey: [`x-amz-${CUSTOMER}-key`, SSE_C],
  SSECustomerKeyMD5: [`x-amz-${CUSTOMER}-key-MD5`, SSE_C],
  CopySourceSSECustomerAlgorithm: [`x-amz-copy-source-${CUSTOMER}-algorithm`, SSE_C],
  CopySourceSSECustomerKey: [`x-amz-copy-source-${CUSTOMER}-key`, SSE_C],
  CopySourceSSECustomerKeyMD5: [`x-amz-copy-source-${CUSTOMER}-key-MD5`, SSE_C],
  ObjectLockEventHold: ['x-amz-object-lock-event-hold', LOCK],
  ObjectLockEventHoldDurationDays: ['x-amz-object-lock-event-hold-duration-days', LOCK],
  ObjectLockEventHoldDurationYears: ['x-amz-object-lock-event-hold-duration-years', LOCK],
  BypassGovernanceRetention: ['x-amz-bypass-governance-retention', LOCK],
};

/** @throws NotImplemented, which names the header */
export function refuseHeaders(input: object): void {
  for (const [name, value] of Object.entries(input)) {
    const refused = value === undefined || value === false ? undefined : ownValue(REFUSED, name);
    if (refused) throw headerNotImplemented(...refused);
  }
}
