import type { ActAs } from '../../../kit/service.ts';

const SERVICE_PRINCIPAL = 'codestar-notifications.amazonaws.com';

/**
 * The service itself, for a rule.
 * @param may what it reads for FULL details, which AWS lets it by its service-linked role
 */
export const actFor = (ruleArn: string, region: string, may: readonly string[] = []): ActAs => ({
  ...{ service: SERVICE_PRINCIPAL, sourceArn: ruleArn, region },
  ...(may.length > 0 && { may }),
});
