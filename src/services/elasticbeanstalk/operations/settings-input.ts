import type {
  ConfigurationOptionSetting,
  OptionSpecification,
} from '@aws-sdk/client-elastic-beanstalk';
import { AwsError, unsupported } from '../../../aws/errors.ts';
import { invalid } from '../errors.ts';
import type { Setting } from '../model/environment.ts';
import { problemsOf } from '../model/options.ts';

/** Settings as calls bring them. */
export const settingsOf = (given: readonly ConfigurationOptionSetting[] = []): Setting[] =>
  given.map(({ Namespace = '', OptionName = '', Value = '', ResourceName }) => {
    if (ResourceName !== undefined && !ResourceName.startsWith('AWSEB'))
      throw unsupported(`option settings of the resource ${ResourceName}`);
    return { namespace: Namespace, name: OptionName, value: Value };
  });

export const specified = (given: readonly OptionSpecification[] = []) =>
  given.map(({ Namespace = '', OptionName = '' }) => ({ namespace: Namespace, name: OptionName }));

/** @throws in AWS's words for what is wrong, and by name for what only this server does not do */
export function checkSettings(settings: readonly Setting[]): void {
  const problems = problemsOf(settings);
  const refused = problems.find(({ unsupported: what }) => what !== undefined);
  if (refused?.unsupported !== undefined) throw unsupported(refused.unsupported);
  const [first] = problems;
  if (!first) return;
  if (problems.length === 1) throw invalid(first.message);
  throw new AwsError(
    'ConfigurationValidationException',
    `Configuration validation exception: ${problems
      .slice(0, 20)
      .map(({ message }) => message)
      .join(' ')}`,
  );
}
