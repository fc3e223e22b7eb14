import type { ContractShape } from '../../src/aws/validate/contract.ts';

/** Where the live service is known to check something else than its published model says, with the source. */
export const CORRECTIONS: Record<string, Record<string, Partial<ContractShape>>> = {
  codepipeline: {
    // The service answers "Value at '…configuration' … less than or equal to 50000" (reference CP-A10, CP-A42):
    // a higher limit than the model's 1000, and the value is not shown.
    ActionConfigurationValue: { max: 50000, sensitive: true },
  },
};
