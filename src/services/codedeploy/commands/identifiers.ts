import type { EventKey } from '../store/targets.ts';

/** The name of a lifecycle event on a host, as agents hand it back. It gives no right: the caller has to be the host. */
export function commandIdentifier({ deploymentId, instance, position }: EventKey): string {
  return Buffer.from(JSON.stringify([deploymentId, instance, position])).toString('base64url');
}

/** What an identifier stands for, or undefined when it is none of ours. */
export function readCommandIdentifier(identifier: string | undefined): EventKey | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(identifier ?? '', 'base64url').toString('utf8'));
    if (!Array.isArray(parts)) return undefined;
    const [deploymentId, instance, position] = parts;
    if (typeof deploymentId !== 'string' || typeof instance !== 'string') return undefined;
    return Number.isInteger(position) ? { deploymentId, instance, position } : undefined;
  } catch {
    return undefined;
  }
}

/** Agents check the form `^[^/]+/[^/]+/[^/]+/.+$`; AWS's own look like this. */
export function executionId(
  place: { accountId: string; region: string },
  deploymentId: string,
): string {
  return `CodeDeploy/${place.region}/prod/slipway:1/${place.accountId}:${deploymentId}`;
}

export function readExecutionId(id: string | undefined): string | undefined {
  return /^[^/]+\/[^/]+\/[^/]+\/.+:(d-[A-Z0-9]+)$/.exec(id ?? '')?.[1];
}
