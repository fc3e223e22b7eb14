import { randomUUID } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { at, need, on } from '../../../kit/resource.ts';
import { MAX_CUSTOM_CONFIGS } from '../limits.ts';
import {
  isValidMinimum,
  isValidRouting,
  isValidZonal,
  PREDEFINED,
  PREDEFINED_PREFIX,
  predefinedConfig,
} from '../model/deployment-config.ts';
import { configs, deploymentConfig } from '../resources/deployment-config.ts';
import {
  deleteConfig,
  findCustomConfig,
  insertConfig,
  listCustomConfigNames,
  listGroups,
} from '../store/applications.ts';
import type { Place } from '../store/tables.ts';
import { codedeploy } from './declare.ts';
import { asked, requireConfigName } from './validate.ts';

type ConfigInput = { deploymentConfigName?: string | undefined };
const nameIn = ({ deploymentConfigName }: ConfigInput) => deploymentConfigName;
const atConfig = at(deploymentConfig, nameIn);

/**
 * A predefined or custom configuration, which must be for the platform of the application (CD-DGF-06).
 * @throws DeploymentConfigDoesNotExistException, InvalidTrafficRoutingConfigurationException: what the operations that
 * name a configuration declare for one that shifts traffic as the platform cannot
 */
export async function requireConfigOf(
  tx: Tx,
  place: Place,
  name: string,
  platform: string,
): Promise<sdk.DeploymentConfigInfo> {
  const config = await need(tx, deploymentConfig, configs.locate(place, name));
  if (config.computePlatform !== platform) {
    throw exception(
      sdk.InvalidTrafficRoutingConfigurationException,
      `The deployment configuration ${name} is for the compute platform ${config.computePlatform}, not ${platform}.`,
    );
  }
  return config;
}

export const createDeploymentConfig = codedeploy(
  'createDeploymentConfig',
  atConfig,
  async (ctx, input) => {
    const config = checkConfig(input, ctx.clock.now());
    const name = config.deploymentConfigName ?? '';
    await ctx.transaction(async (tx) => {
      if (predefinedConfig(name) || (await findCustomConfig(tx, ctx, name))) {
        throw exception(
          sdk.DeploymentConfigAlreadyExistsException,
          `Deployment configuration already exists: ${name}`,
        );
      }
      if ((await listCustomConfigNames(tx, ctx)).length >= MAX_CUSTOM_CONFIGS) {
        throw exception(
          sdk.DeploymentConfigLimitExceededException,
          `The limit of ${MAX_CUSTOM_CONFIGS} deployment configurations was exceeded.`,
        );
      }
      await insertConfig(tx, ctx, config);
    });
    return { deploymentConfigId: config.deploymentConfigId };
  },
);

function checkConfig(
  input: sdk.CreateDeploymentConfigCommandInput,
  now: Date,
): sdk.DeploymentConfigInfo {
  const name = requireConfigName(input.deploymentConfigName);
  const { minimumHealthyHosts, trafficRoutingConfig } = input;
  const computePlatform = input.computePlatform ?? 'Server';
  if (!predefinedConfig(name) && name.startsWith(PREDEFINED_PREFIX)) {
    throw exception(
      sdk.InvalidDeploymentConfigNameException,
      `Deployment configuration names that start with ${PREDEFINED_PREFIX} are reserved.`,
    );
  }
  if (!['Server', 'Lambda', 'ECS'].includes(computePlatform)) {
    throw exception(
      sdk.InvalidComputePlatformException,
      `Invalid compute platform: ${computePlatform}`,
    );
  }
  const isServer = computePlatform === 'Server';
  const { zonalConfig } = input;
  if (zonalConfig && (!isServer || !isValidZonal(zonalConfig))) {
    throw exception(
      sdk.InvalidZonalDeploymentConfigurationException,
      'The ZonalConfig object is not valid: it is for the Server compute platform, durations are up to 604800 seconds, HOST_COUNT takes a number from 0, FLEET_PERCENT a percentage from 0 to 100.',
    );
  }
  if (isServer ? !isValidMinimum(minimumHealthyHosts) : minimumHealthyHosts !== undefined) {
    throw exception(
      sdk.InvalidMinimumHealthyHostValueException,
      'The minimum healthy instance value was specified in an invalid format: HOST_COUNT takes a number from 0, FLEET_PERCENT a percentage from 0 to 99, and only the Server compute platform has one.',
    );
  }
  if (isServer ? trafficRoutingConfig !== undefined : !isValidRouting(trafficRoutingConfig)) {
    throw exception(
      sdk.InvalidTrafficRoutingConfigurationException,
      'The configuration that specifies how traffic is routed during a deployment is invalid.',
    );
  }
  return {
    deploymentConfigId: randomUUID(),
    deploymentConfigName: name,
    computePlatform,
    createTime: now,
    ...(isServer ? { minimumHealthyHosts, zonalConfig } : { trafficRoutingConfig }),
  };
}

export const getDeploymentConfig = codedeploy(
  'getDeploymentConfig',
  on(deploymentConfig, nameIn),
  async (_ctx, _input, config) => {
    // Predefined ones have an id and a time too, the same for everybody.
    const fixed = {
      deploymentConfigId: '00000000-0000-0000-0000-000000000001',
      createTime: new Date(0),
    };
    return { deploymentConfigInfo: { ...fixed, ...config } };
  },
);

export const listDeploymentConfigs = codedeploy(
  'listDeploymentConfigs',
  { resource: (ctx) => configs.locate(ctx, '*').arn },
  async (ctx, input) => {
    // The predefined ones come first, in AWS's order.
    const predefined = PREDEFINED.map((config) => config.deploymentConfigName ?? '');
    const places = new Map(predefined.map((name, place) => [name, place]));
    const names = [...predefined, ...(await listCustomConfigNames(ctx.db, ctx))];
    const keyOf = (name: string) => [places.get(name) ?? places.size, name] as const;
    const { items, nextToken } = pageOfList(ctx, asked(input), names, keyOf);
    return { deploymentConfigsList: items, nextToken };
  },
);

export const deleteDeploymentConfig = codedeploy(
  'deleteDeploymentConfig',
  atConfig,
  async (ctx, _input, { name }) => {
    if (predefinedConfig(name)) {
      throw exception(
        sdk.InvalidOperationException,
        `The predefined deployment configuration ${name} cannot be deleted.`,
      );
    }
    await ctx.transaction(async (tx) => {
      const groups = await listGroups(tx, ctx);
      if (groups.some((group) => group.info.deploymentConfigName === name)) {
        throw exception(
          sdk.DeploymentConfigInUseException,
          `The deployment configuration ${name} is still in use.`,
        );
      }
      await deleteConfig(tx, ctx, name);
    });
    return {};
  },
);
