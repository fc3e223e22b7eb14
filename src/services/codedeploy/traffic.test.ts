import * as sdk from '@aws-sdk/client-codedeploy';
import { expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import codedeploy from './index.ts';

// What groups with load balancers, blue/green deployments and zones are taken and refused with. That they work: see
// conformance/codedeploy-traffic.test.ts and the model's tests.

const named = { applicationName: 'app', deploymentGroupName: 'group' };
const tags = [{ Key: 'Role', Value: 'web', Type: 'KEY_AND_VALUE' as const }];
const style = (deploymentType: sdk.DeploymentType) => ({
  deploymentStyle: { deploymentType, deploymentOption: 'WITH_TRAFFIC_CONTROL' as const },
});
const balancers = { loadBalancerInfo: { targetGroupInfoList: [{ name: 'web' }] } };
const s3Location = { bucket: 'b', key: 'a.zip', bundleType: 'zip' as const };
const revision: sdk.RevisionLocation = { revisionType: 'S3', s3Location };

eachDialect('CodeDeploy and traffic', (makeDatabase) => {
  let services: World;
  let client: sdk.CodeDeployClient;

  async function setUp(): Promise<void> {
    services = await world(makeDatabase, [codedeploy]);
    client = services.client(sdk.CodeDeployClient);
    await client.send(new sdk.CreateApplicationCommand(named));
  }

  const group = (more: object) =>
    client.send(
      new sdk.CreateDeploymentGroupCommand({
        ...named,
        ...{ serviceRoleArn: 'arn:aws:iam::111111111111:role/deploy', ec2TagFilters: tags },
        ...more,
      }),
    );
  const refuses = (call: Promise<unknown>, code: string) =>
    expect(call).rejects.toThrow(expect.objectContaining({ name: code }));

  test('CD-DGF-10, 11, 12: a group is refused with what contradicts itself', async () => {
    await setUp();
    const invalid = 'InvalidLoadBalancerInfoException';
    const onPremises = { onPremisesInstanceTagFilters: tags };
    await refuses(group(style('IN_PLACE')), invalid);
    await refuses(group({ ...style('IN_PLACE'), ...balancers, ...onPremises }), invalid);
    await refuses(group({ loadBalancerInfo: { elbInfoList: [{ name: 'a b' }] } }), invalid);
    await refuses(group({ loadBalancerInfo: { elbInfoList: [{}] } }), invalid);
    const twice = { targetGroupInfoList: [{ name: 'web' }, { name: 'web' }] };
    await refuses(group({ loadBalancerInfo: twice }), invalid);
    await refuses(
      group({ ...style('BLUE_GREEN'), ...balancers, ...onPremises }),
      'InvalidDeploymentStyleException',
    );
    const without = { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITHOUT_TRAFFIC_CONTROL' };
    await refuses(
      group({ deploymentStyle: without, ...balancers }),
      'InvalidDeploymentStyleException',
    );
    for (const wrong of [
      { deploymentReadyOption: { actionOnTimeout: 'WAIT' } },
      { deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: -1 } },
      { terminateBlueInstancesOnDeploymentSuccess: { terminationWaitTimeInMinutes: 2881 } },
    ])
      await refuses(
        group({ blueGreenDeploymentConfiguration: wrong }),
        'InvalidBlueGreenDeploymentConfigurationException',
      );
    const alone = { deploymentType: 'BLUE_GREEN' };
    await refuses(group({ deploymentStyle: alone }), invalid);
    // What a group has counts with what it is given.
    await group({ ...style('IN_PLACE'), ...balancers });
    const update = { applicationName: 'app', currentDeploymentGroupName: 'group' };
    await refuses(
      client.send(new sdk.UpdateDeploymentGroupCommand({ ...update, ...onPremises })),
      invalid,
    );
    expect(services.failures).toEqual([]);
  });

  test('CD-DEP-08, CD-ROL-06: what is for blue/green deployments alone', async () => {
    await setUp();
    await group({ ...style('IN_PLACE'), ...balancers });
    const create = (more: object = {}) =>
      client.send(new sdk.CreateDeploymentCommand({ ...named, revision, ...more }));
    const invalid = 'InvalidTargetInstancesException';
    await refuses(create({ targetInstances: { tagFilters: tags } }), invalid);
    const { deploymentId } = await create();
    const goOn = (more: object = {}) =>
      client.send(new sdk.ContinueDeploymentCommand({ deploymentId, ...more }));
    await refuses(goOn(), 'UnsupportedActionForDeploymentTypeException');
    await refuses(goOn({ deploymentWaitType: 'LUNCH' }), 'InvalidDeploymentWaitTypeException');
    await refuses(goOn({ deploymentId: 'd-NONE' }), 'DeploymentDoesNotExistException');
    await client.send(new sdk.StopDeploymentCommand({ deploymentId }));
    await services.runDue();
    await refuses(goOn(), 'DeploymentAlreadyCompletedException');

    const current = { applicationName: 'app', currentDeploymentGroupName: 'group' };
    await client.send(new sdk.UpdateDeploymentGroupCommand({ ...current, ...style('BLUE_GREEN') }));
    await refuses(create(), invalid);
    const sets = { ec2TagSet: { ec2TagSetList: [tags] } };
    await refuses(create({ targetInstances: { tagFilters: tags, ...sets } }), invalid);
    await refuses(create({ targetInstances: { tagFilters: [{}] } }), invalid);
    const second = await create({ targetInstances: { tagFilters: tags } });
    const skip = new sdk.SkipWaitTimeForInstanceTerminationCommand(second);
    await refuses(client.send(skip), 'DeploymentNotStartedException');
    const wait = { deploymentId: second.deploymentId };
    await refuses(goOn(wait), 'DeploymentIsNotInReadyStateException');
    expect(services.failures).toEqual([]);
  });

  test('CD-CFG-07: a configuration that goes by zones', async () => {
    await setUp();
    const deploymentConfigName = 'zones';
    const minimumHealthyHosts = { type: 'HOST_COUNT' as const, value: 1 };
    const create = (zonalConfig: sdk.ZonalConfig, more: object = { minimumHealthyHosts }) =>
      client.send(
        new sdk.CreateDeploymentConfigCommand({ deploymentConfigName, zonalConfig, ...more }),
      );
    const invalid = 'InvalidZonalDeploymentConfigurationException';
    await refuses(create({ monitorDurationInSeconds: -1 }), invalid);
    const percent = { type: 'FLEET_PERCENT' as const, value: 101 };
    await refuses(create({ minimumHealthyHostsPerZone: percent }), invalid);
    const lambda = {
      ...{ computePlatform: 'Lambda', trafficRoutingConfig: { type: 'AllAtOnce' } },
    };
    await refuses(create({ monitorDurationInSeconds: 1 }, lambda), invalid);
    const zonalConfig = {
      monitorDurationInSeconds: 5,
      minimumHealthyHostsPerZone: minimumHealthyHosts,
    };
    await create(zonalConfig);
    const { deploymentConfigInfo } = await client.send(
      new sdk.GetDeploymentConfigCommand({ deploymentConfigName }),
    );
    expect(deploymentConfigInfo).toMatchObject({ zonalConfig });
  });

  test('CD-MI-01, 02, 03: what others have made: nothing here', async () => {
    await setUp();
    const tokens = await client.send(new sdk.ListGitHubAccountTokenNamesCommand({}));
    expect(tokens.tokenNameList).toEqual([]);
    const remove = (tokenName?: string) =>
      client.send(new sdk.DeleteGitHubAccountTokenCommand({ tokenName }));
    await refuses(remove(), 'GitHubAccountTokenNameRequiredException');
    await refuses(remove('mine'), 'GitHubAccountTokenDoesNotExistException');
    await client.send(new sdk.DeleteResourcesByExternalIdCommand({ externalId: 'stack' }));
  });
});
