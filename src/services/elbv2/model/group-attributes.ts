import { configuration } from '../errors.ts';
import { type Attributes, attribute, type GROUP_ATTRIBUTES } from './attributes.ts';

/** What attributes say of each other. @throws InvalidConfigurationRequest */
export function checkTogether(
  rules: (typeof GROUP_ATTRIBUTES)['HTTP'],
  attributes: Attributes,
): void {
  const of = (key: string) => attribute(rules, attributes, key);
  const byApplication =
    of('stickiness.enabled') === 'true' && of('stickiness.type') === 'app_cookie';
  if (byApplication && of('stickiness.app_cookie.cookie_name') === '')
    throw configuration('A cookie name must be specified for stickiness of the type app_cookie');
  const slow = Number(of('slow_start.duration_seconds'));
  if (slow > 0 && slow < 30)
    throw configuration("'slow_start.duration_seconds' must be 0 or between 30 and 900");
  if (slow > 0 && of('load_balancing.algorithm.type') !== 'round_robin')
    throw configuration('Slow start goes with the algorithm round_robin alone');
}
