import { formatArn } from '../../../aws/arn.ts';
import { at, defineResource, type Located } from '../../../kit/resource.ts';
import { noConfiguration } from '../errors.ts';
import type { Configuration } from '../model/configuration.ts';
import { findConfiguration } from '../store/configurations.ts';
import type { Owner } from '../store/tables.ts';

export const configurationArn = ({ accountId, region }: Owner, id: string, name: string): string =>
  `arn:aws:autoscaling:${region}:${accountId}:launchConfiguration:${id}:launchConfigurationName/${name}`;

export const configuration = defineResource<
  string | undefined,
  Located & { name: string },
  Configuration
>({
  type: 'AWS::AutoScaling::LaunchConfiguration',
  locate({ accountId, region, partition }, name = '') {
    const resource = `launchConfiguration:*:launchConfigurationName/${name}`;
    const arn = formatArn({ accountId, region, partition, service: 'autoscaling', resource });
    return { accountId, region, name, arn };
  },
  parse: () => undefined,
  find: (db, { name, ...owner }) => findConfiguration(db, owner, name),
  known: ({ id, name }, owner) => ({ arn: configurationArn(owner, id, name) }),
  notFound: ({ name }) => noConfiguration(name),
});

export const atConfiguration = at(
  configuration,
  ({ LaunchConfigurationName }: { LaunchConfigurationName?: string | undefined }) =>
    LaunchConfigurationName,
);
