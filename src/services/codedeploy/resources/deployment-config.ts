import type { DeploymentConfigInfo } from '@aws-sdk/client-codedeploy';
import { byName, defineResource, type Named } from '../../../kit/resource.ts';
import { configDoesNotExist } from '../errors.ts';
import { predefinedConfig } from '../model/deployment-config.ts';
import { requireConfigName } from '../operations/validate.ts';
import { findCustomConfig } from '../store/applications.ts';

export const configs = byName('codedeploy', 'deploymentconfig:');

/** A predefined or custom configuration. */
export const deploymentConfig = defineResource<string | undefined, Named, DeploymentConfigInfo>({
  type: 'AWS::CodeDeploy::DeploymentConfig',
  ...configs,
  find: async (db, { name, ...place }) =>
    predefinedConfig(name) ?? (await findCustomConfig(db, place, name)),
  check: ({ name }) => void requireConfigName(name),
  notFound: ({ name }) => configDoesNotExist(name),
});
