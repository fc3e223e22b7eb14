import type { RuleType, RuleTypeId } from '@aws-sdk/client-codepipeline';
import type { ServiceContext } from '../../../kit/service.ts';
import { type ActionFacts, idsOf } from '../model/action-type.ts';
import { ruleTypes } from '../providers/rules/index.ts';
import { propertiesOf, templatesOf } from './action-types.ts';
import { codepipeline } from './declare.ts';

/** The rule types that conditions may have, all in one answer (CP-A3, CP-C28). */
export const listRuleTypes = codepipeline('listRuleTypes', {}, async (ctx, input) => ({
  ruleTypes: ruleTypes
    .filter((type) => !input.ruleOwnerFilter || type.owner === input.ruleOwnerFilter)
    .map((type) => ruleType(ctx, type)),
}));

function ruleType(ctx: ServiceContext, type: ActionFacts): RuleType {
  const [minimumCount, maximumCount] = type.inputs;
  return {
    id: idsOf(type)[0] as RuleTypeId,
    settings: templatesOf(ctx, type),
    ruleConfigurationProperties: propertiesOf(type),
    inputArtifactDetails: { minimumCount, maximumCount },
  };
}
