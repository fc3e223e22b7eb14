import { DeliveryFailed } from '../../../../kit/delivery/failure.ts';
import type { RuleTarget } from '../../model/rule.ts';

/**
 * What the rule itself says to a target whose API takes parameters: an event as it came says nothing to it.
 * @throws DeliveryFailed for what is no object
 */
export function ownInput(
  { Input, InputPath, InputTransformer }: RuleTarget,
  input: string,
): Record<string, unknown> {
  if (Input === undefined && InputPath === undefined && !InputTransformer) return {};
  const failed = (message: string) =>
    new DeliveryFailed({ code: 'SDK_CLIENT_ERROR', message, again: false });
  let given: unknown;
  try {
    given = JSON.parse(input);
  } catch {
    throw failed('The input of the target is no JSON.');
  }
  // A text is what a template for people makes: it names no parameter.
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return {};
  return given as Record<string, unknown>;
}
