import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import * as sdk from '@aws-sdk/client-codedeploy';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import cloudwatch from '../cloudwatch/index.ts';
import codedeploy from './index.ts';

const ROLE = 'arn:aws:iam::111111111111:role/deploy';
const WEB = [{ Key: 'fleet', Value: 'web', Type: 'KEY_AND_VALUE' as const }];
const s3 = (key: string): sdk.RevisionLocation => ({
  revisionType: 'S3',
  s3Location: { bucket: 'b', key, bundleType: 'zip' },
});

eachDialect('CodeDeploy', (makeDatabase) => {
  let services: World;
  let client: sdk.CodeDeployClient;

  /** An application with a group that chooses one registered instance. */
  async function setUp(made?: World): Promise<void> {
    services = made ?? (await world(makeDatabase, [codedeploy]));
    client = services.client(sdk.CodeDeployClient);
    await client.send(new sdk.CreateApplicationCommand({ applicationName: 'app' }));
    await client.send(
      new sdk.CreateDeploymentGroupCommand({
        applicationName: 'app',
        deploymentGroupName: 'group',
        serviceRoleArn: ROLE,
        onPremisesInstanceTagFilters: WEB,
      }),
    );
    await client.send(
      new sdk.RegisterOnPremisesInstanceCommand({
        instanceName: 'one',
        iamUserArn: 'arn:aws:iam::111111111111:user/one',
      }),
    );
    await client.send(
      new sdk.AddTagsToOnPremisesInstancesCommand({
        instanceNames: ['one'],
        tags: [{ Key: 'fleet', Value: 'web' }],
      }),
    );
  }

  const refuses = async (call: Promise<unknown>, code: string) =>
    expect(call).rejects.toThrow(expect.objectContaining({ name: code }));

  test('CD-AP: applications', async () => {
    await setUp();
    await refuses(
      client.send(new sdk.CreateApplicationCommand({ applicationName: '' })),
      'ApplicationNameRequiredException',
    );
    await refuses(
      client.send(new sdk.CreateApplicationCommand({ applicationName: 'a b' })),
      'InvalidApplicationNameException',
    );
    await refuses(
      client.send(new sdk.CreateApplicationCommand({ applicationName: 'app' })),
      'ApplicationAlreadyExistsException',
    );
    await refuses(
      client.send(new sdk.GetApplicationCommand({ applicationName: 'none' })),
      'ApplicationDoesNotExistException',
    );
    const { application } = await client.send(
      new sdk.GetApplicationCommand({ applicationName: 'app' }),
    );
    expect(application).toMatchObject({
      applicationName: 'app',
      computePlatform: 'Server',
      linkedToGitHub: false,
    });
    await client.send(
      new sdk.UpdateApplicationCommand({ applicationName: 'app', newApplicationName: 'new' }),
    );
    const renamed = await client.send(new sdk.GetApplicationCommand({ applicationName: 'new' }));
    expect(renamed.application?.applicationId).toBe(application?.applicationId);
    const { deploymentGroups } = await client.send(
      new sdk.ListDeploymentGroupsCommand({ applicationName: 'new' }),
    );
    expect(deploymentGroups).toEqual(['group']);
    await client.send(new sdk.DeleteApplicationCommand({ applicationName: 'new' }));
    await client.send(new sdk.DeleteApplicationCommand({ applicationName: 'new' }));
    expect((await client.send(new sdk.ListApplicationsCommand({}))).applications).toEqual([]);
    expect(services.failures).toEqual([]);
  });

  test('CD-AP-04: pages of names; a token is its account’s own', async () => {
    await setUp();
    for (let i = 0; i < 101; i++) {
      await client.send(new sdk.CreateApplicationCommand({ applicationName: `many-${i}` }));
    }
    const first = await client.send(new sdk.ListApplicationsCommand({}));
    expect(first.applications).toHaveLength(100);
    const { nextToken } = first;
    const second = await client.send(new sdk.ListApplicationsCommand({ nextToken }));
    expect(second.applications).toHaveLength(2);
    const other = services.client(sdk.CodeDeployClient, { accountId: '222222222222' });
    await refuses(
      other.send(new sdk.ListApplicationsCommand({ nextToken })),
      'InvalidNextTokenException',
    );
    expect((await other.send(new sdk.ListApplicationsCommand({}))).applications).toEqual([]);
  });

  test('CD-DG: deployment groups', async () => {
    await setUp();
    const create = (more: object) =>
      client.send(
        new sdk.CreateDeploymentGroupCommand({
          applicationName: 'app',
          deploymentGroupName: 'g2',
          serviceRoleArn: ROLE,
          ...more,
        }),
      );
    await refuses(create({ serviceRoleArn: '' }), 'RoleRequiredException');
    await refuses(create({ serviceRoleArn: 'arn:aws:iam::1:user/x' }), 'InvalidRoleException');
    await refuses(create({ applicationName: 'none' }), 'ApplicationDoesNotExistException');
    await refuses(
      create({ deploymentConfigName: 'none' }),
      'DeploymentConfigDoesNotExistException',
    );
    await refuses(
      create({ deploymentGroupName: 'group' }),
      'DeploymentGroupAlreadyExistsException',
    );
    await refuses(
      create({ autoRollbackConfiguration: { enabled: true } }),
      'InvalidAutoRollbackConfigException',
    );
    await refuses(
      create({ onPremisesInstanceTagFilters: [{ Type: 'KEY_ONLY' }] }),
      'InvalidTagException',
    );
    const Type = 'constructor' as never;
    await refuses(
      create({ onPremisesInstanceTagFilters: [{ Key: 'a', Type }] }),
      'InvalidTagException',
    );
    await refuses(
      create({
        onPremisesInstanceTagFilters: WEB,
        onPremisesTagSet: { onPremisesTagSetList: [WEB] },
      }),
      'InvalidOnPremisesTagCombinationException',
    );
    await refuses(
      create({ onPremisesTagSet: { onPremisesTagSetList: [WEB, WEB, WEB, WEB] } }),
      'TagSetListLimitExceededException',
    );
    for (const unsupported of [
      { autoScalingGroups: ['asg'] },
      { loadBalancerInfo: { targetGroupPairInfoList: [{ targetGroups: [{ name: 'a' }] }] } },
    ]) {
      await refuses(create(unsupported), 'NotImplemented');
    }
    services.denied.add('iam:PassRole');
    await refuses(create({}), 'AccessDeniedException');
    services.denied.clear();
    await client.send(
      new sdk.UpdateDeploymentGroupCommand({
        applicationName: 'app',
        currentDeploymentGroupName: 'group',
        newDeploymentGroupName: 'renamed',
        onPremisesTagSet: { onPremisesTagSetList: [WEB] },
      }),
    );
    const { deploymentGroupInfo: info } = await client.send(
      new sdk.GetDeploymentGroupCommand({ applicationName: 'app', deploymentGroupName: 'renamed' }),
    );
    expect(info).toMatchObject({
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
      autoRollbackConfiguration: { enabled: false },
      ec2TagSet: { ec2TagSetList: [] },
      onPremisesInstanceTagFilters: [],
      onPremisesTagSet: { onPremisesTagSetList: [WEB] },
      serviceRoleArn: ROLE,
    });
    const batch = await client.send(
      new sdk.BatchGetDeploymentGroupsCommand({
        applicationName: 'app',
        deploymentGroupNames: ['renamed'],
      }),
    );
    expect(batch).toMatchObject({ deploymentGroupsInfo: [info], errorMessage: '' });
    expect(services.failures).toEqual([]);
  });

  test('CD-DC, CD-CFG-08: deployment configurations', async () => {
    await setUp();
    const { deploymentConfigsList } = await client.send(new sdk.ListDeploymentConfigsCommand({}));
    expect(deploymentConfigsList).toHaveLength(17);
    const one = await client.send(
      new sdk.GetDeploymentConfigCommand({ deploymentConfigName: 'CodeDeployDefault.OneAtATime' }),
    );
    expect(one.deploymentConfigInfo?.minimumHealthyHosts).toEqual({
      type: 'MOST_CONCURRENCY',
      value: 1,
    });
    const create = (deploymentConfigName: string, value: number) =>
      client.send(
        new sdk.CreateDeploymentConfigCommand({
          deploymentConfigName,
          minimumHealthyHosts: { type: 'FLEET_PERCENT', value },
        }),
      );
    await refuses(create('CodeDeployDefault.Mine', 5), 'InvalidDeploymentConfigNameException');
    await refuses(create('mine', 100), 'InvalidMinimumHealthyHostValueException');
    await create('mine', 75);
    await refuses(create('mine', 75), 'DeploymentConfigAlreadyExistsException');
    await client.send(
      new sdk.UpdateDeploymentGroupCommand({
        applicationName: 'app',
        currentDeploymentGroupName: 'group',
        deploymentConfigName: 'mine',
      }),
    );
    const deploymentConfigName = 'CodeDeployDefault.ECSAllAtOnce';
    for (const command of [
      new sdk.CreateDeploymentGroupCommand({
        applicationName: 'app',
        deploymentGroupName: 'other',
        serviceRoleArn: 'arn:aws:iam::111111111111:role/deploy',
        deploymentConfigName,
      }),
      new sdk.UpdateDeploymentGroupCommand({
        applicationName: 'app',
        currentDeploymentGroupName: 'group',
        deploymentConfigName,
      }),
      new sdk.CreateDeploymentCommand({
        applicationName: 'app',
        deploymentGroupName: 'group',
        revision: { revisionType: 'S3', s3Location: { bucket: 'b', key: 'k', bundleType: 'zip' } },
        deploymentConfigName,
      }),
    ]) {
      await refuses(
        client.send(command as sdk.CreateDeploymentCommand),
        'InvalidTrafficRoutingConfigurationException',
      );
    }
    const remove = (deploymentConfigName: string) =>
      client.send(new sdk.DeleteDeploymentConfigCommand({ deploymentConfigName }));
    await refuses(remove('mine'), 'DeploymentConfigInUseException');
    await refuses(remove('CodeDeployDefault.AllAtOnce'), 'InvalidOperationException');
  });

  test('CD-OP, CD-ONP: on-premises instances', async () => {
    await setUp();
    const register = (instanceName: string, more: object) =>
      client.send(new sdk.RegisterOnPremisesInstanceCommand({ instanceName, ...more }));
    const iamUserArn = 'arn:aws:iam::111111111111:user/one';
    const iamSessionArn = 'arn:aws:sts::111111111111:assumed-role/Role/session';
    await refuses(register('two', {}), 'IamArnRequiredException');
    await refuses(
      register('two', { iamUserArn, iamSessionArn }),
      'MultipleIamArnsProvidedException',
    );
    await refuses(register('two', { iamUserArn }), 'IamUserArnAlreadyRegisteredException');
    await refuses(register('one', { iamSessionArn }), 'InstanceNameAlreadyRegisteredException');
    await refuses(register('two', { iamUserArn: 'x' }), 'InvalidIamUserArnException');
    await register('two', { iamSessionArn });
    await client.send(new sdk.DeregisterOnPremisesInstanceCommand({ instanceName: 'one' }));
    const list = async (more: object) =>
      (await client.send(new sdk.ListOnPremisesInstancesCommand(more))).instanceNames;
    expect(await list({})).toEqual(['one', 'two']);
    expect(await list({ registrationStatus: 'Deregistered' })).toEqual(['one']);
    expect(await list({ tagFilters: WEB })).toEqual(['one']);
    await register('one', { iamUserArn });
    const { instanceInfo } = await client.send(
      new sdk.GetOnPremisesInstanceCommand({ instanceName: 'one' }),
    );
    expect(instanceInfo).toMatchObject({ iamUserArn, tags: [{ Key: 'fleet', Value: 'web' }] });
    expect(instanceInfo?.deregisterTime).toBeUndefined();
    await refuses(
      client.send(new sdk.GetOnPremisesInstanceCommand({ instanceName: 'no' })),
      'InstanceNotRegisteredException',
    );
    const tags = Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
    await refuses(
      client.send(new sdk.AddTagsToOnPremisesInstancesCommand({ instanceNames: ['one'], tags })),
      'TagLimitExceededException',
    );
  });

  test('CD-RV: revisions', async () => {
    await setUp();
    const register = (revision: sdk.RevisionLocation, description?: string) =>
      client.send(
        new sdk.RegisterApplicationRevisionCommand({
          applicationName: 'app',
          revision,
          description,
        }),
      );
    await refuses(register({ revisionType: 'S3' }), 'InvalidRevisionException');
    await refuses(
      register({ revisionType: 'S3', s3Location: { bucket: 'b' } }),
      'InvalidRevisionException',
    );
    const inGitHub = (repository: string, commitId: string): sdk.RevisionLocation => ({
      revisionType: 'GitHub',
      gitHubLocation: { repository, commitId },
    });
    for (const [repository, commitId] of [
      ['b', 'c'],
      ['a/b/c', 'c'],
      ['a/..', 'c'],
      ['a/b', '../c'],
      ['a/b', ''],
    ] as const)
      await refuses(register(inGitHub(repository, commitId)), 'InvalidRevisionException');
    await register(s3('a.zip'), 'first');
    await register(s3('a.zip'), 'second');
    await register(s3('b.zip'));
    const get = await client.send(
      new sdk.GetApplicationRevisionCommand({ applicationName: 'app', revision: s3('a.zip') }),
    );
    expect(get.revisionInfo?.description).toBe('second');
    const list = async (more: object) =>
      (
        await client.send(
          new sdk.ListApplicationRevisionsCommand({ applicationName: 'app', ...more }),
        )
      ).revisions?.map((revision) => revision.s3Location?.key);
    expect(await list({})).toHaveLength(2);
    expect(await list({ s3Bucket: 'b', s3KeyPrefix: 'b' })).toEqual(['b.zip']);
    await refuses(list({ s3KeyPrefix: 'b' }), 'BucketNameFilterRequiredException');
    await refuses(
      client.send(
        new sdk.GetApplicationRevisionCommand({ applicationName: 'app', revision: s3('c.zip') }),
      ),
      'RevisionDoesNotExistException',
    );
  });

  test('CD-DP: creating, finding and listing deployments', async () => {
    await setUp();
    const create = (more: object = {}) =>
      client.send(
        new sdk.CreateDeploymentCommand({
          applicationName: 'app',
          deploymentGroupName: 'group',
          ...more,
        }),
      );
    await refuses(create(), 'RevisionRequiredException');
    await refuses(
      create({ revision: s3('a'), deploymentGroupName: 'no' }),
      'DeploymentGroupDoesNotExistException',
    );
    await refuses(
      create({ revision: s3('a'), description: 'x'.repeat(257) }),
      'DescriptionTooLongException',
    );
    await refuses(
      create({ revision: s3('a'), fileExistsBehavior: 'KEEP' }),
      'InvalidFileExistsBehaviorException',
    );
    await refuses(
      create({ revision: s3('a'), targetInstances: { autoScalingGroups: [] } }),
      'InvalidTargetInstancesException',
    );
    const { deploymentId } = await create({ revision: s3('a'), description: 'the first' });
    await refuses(create({ revision: s3('a') }), 'DeploymentLimitExceededException');
    const { deploymentInfo } = await client.send(new sdk.GetDeploymentCommand({ deploymentId }));
    expect(deploymentInfo).toMatchObject({
      status: 'Created',
      creator: 'user',
      description: 'the first',
    });
    await refuses(
      client.send(new sdk.ListDeploymentTargetsCommand({ deploymentId })),
      'DeploymentNotStartedException',
    );
    await refuses(
      client.send(new sdk.GetDeploymentCommand({ deploymentId: 'x' })),
      'InvalidDeploymentIdException',
    );
    await refuses(
      client.send(new sdk.GetDeploymentCommand({ deploymentId: 'd-NONE' })),
      'DeploymentDoesNotExistException',
    );
    const other = services.client(sdk.CodeDeployClient, { accountId: '222222222222' });
    await refuses(
      other.send(new sdk.GetDeploymentCommand({ deploymentId })),
      'DeploymentDoesNotExistException',
    );
    const list = async (more: object) =>
      (await client.send(new sdk.ListDeploymentsCommand(more))).deployments;
    expect(await list({ applicationName: 'app', deploymentGroupName: 'group' })).toEqual([
      deploymentId,
    ]);
    expect(await list({ includeOnlyStatuses: ['Failed'] })).toEqual([]);
    await refuses(list({ applicationName: 'app' }), 'DeploymentGroupNameRequiredException');
    const { revision } =
      (await client.send(new sdk.GetDeploymentCommand({ deploymentId }))).deploymentInfo ?? {};
    const registered = await client.send(
      new sdk.BatchGetApplicationRevisionsCommand({
        applicationName: 'app',
        revisions: revision ? [revision] : [],
      }),
    );
    expect(registered).toMatchObject({
      revisions: [
        {
          genericRevisionInfo: {
            description: `Application revision registered by Deployment ID: ${deploymentId}`,
          },
        },
      ],
      errorMessage: '',
    });
    await client.send(new sdk.StopDeploymentCommand({ deploymentId }));
    await services.runDue();
    const stopped = await client.send(new sdk.GetDeploymentCommand({ deploymentId }));
    expect(stopped.deploymentInfo).toMatchObject({
      status: 'Stopped',
      errorInformation: { code: 'MANUAL_STOP' },
    });
    expect(services.events.map((event) => event.detail.state)).toEqual(['STOP']);
    const group = await client.send(
      new sdk.GetDeploymentGroupCommand({ applicationName: 'app', deploymentGroupName: 'group' }),
    );
    expect(group.deploymentGroupInfo?.lastAttemptedDeployment).toMatchObject({
      deploymentId,
      status: 'Stopped',
    });
    const second = await create({ revision: s3('a') });
    const both = [deploymentId ?? '', second.deploymentId ?? ''];
    const batch = new sdk.BatchGetDeploymentsCommand({ deploymentIds: both });
    const { deploymentsInfo } = await client.send(batch);
    expect(deploymentsInfo?.map((each) => each.deploymentId)).toEqual(both);
    expect(services.asked).toContain(
      'codedeploy:RegisterApplicationRevision arn:aws:codedeploy:eu-west-1:111111111111:application:app',
    );
    expect(services.failures).toEqual([]);
  });

  test('CD-DGF-07: an alarm stops a deployment, before it starts and while it runs', async () => {
    await setUp(await world(makeDatabase, [codedeploy, cloudwatch]));
    const cloudWatch = services.client(CloudWatchClient);
    const alarm = async (StateValue: 'ALARM' | 'OK') => {
      const state = { AlarmName: 'errors', StateValue, StateReason: 'a test' };
      await cloudWatch.send(new SetAlarmStateCommand(state));
      await services.runDue();
    };
    const group = (alarmConfiguration: sdk.AlarmConfiguration) =>
      client.send(
        new sdk.UpdateDeploymentGroupCommand({
          ...{ applicationName: 'app', currentDeploymentGroupName: 'group', alarmConfiguration },
        }),
      );
    const deploy = async (overrideAlarmConfiguration?: sdk.AlarmConfiguration) => {
      const { deploymentId } = await client.send(
        new sdk.CreateDeploymentCommand({
          ...{ applicationName: 'app', deploymentGroupName: 'group', revision: s3('a') },
          overrideAlarmConfiguration,
        }),
      );
      await services.runDue();
      return async () =>
        (await client.send(new sdk.GetDeploymentCommand({ deploymentId }))).deploymentInfo;
    };
    const many = Array.from({ length: 11 }, (_, n) => ({ name: `a${n}` }));
    await refuses(group({ enabled: true, alarms: many }), 'AlarmsLimitExceededException');
    await refuses(group({ enabled: true, alarms: [] }), 'InvalidAlarmConfigException');
    const alarms = { enabled: true, alarms: [{ name: 'errors' }] };
    await group(alarms);
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole' };
    const trust = { ...statement, Principal: { Service: 'codedeploy.amazonaws.com' } };
    const iam = services.client(IAMClient);
    await iam.send(
      new CreateRoleCommand({
        ...{ RoleName: 'deploy', AssumeRolePolicyDocument: JSON.stringify({ Statement: trust }) },
      }),
    );
    const denied = await deploy();
    expect(await denied()).toMatchObject({
      status: 'Stopped',
      errorInformation: { code: 'IAM_ROLE_PERMISSIONS' },
    });
    const may = { Effect: 'Allow', Action: 'cloudwatch:DescribeAlarms', Resource: '*' };
    await iam.send(
      new PutRolePolicyCommand({
        ...{ RoleName: 'deploy', PolicyName: 'may' },
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: may }),
      }),
    );
    const unknown = await deploy();
    expect(await unknown()).toMatchObject({
      status: 'Stopped',
      errorInformation: { message: expect.stringContaining('there is no alarm errors') },
    });
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        ...{ AlarmName: 'errors', Namespace: 'N', MetricName: 'M', Statistic: 'Sum', Period: 60 },
        ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanThreshold' },
      }),
    );
    await alarm('ALARM');
    const before = await deploy();
    expect(await before()).toMatchObject({
      status: 'Stopped',
      errorInformation: {
        code: 'ALARM_ACTIVE',
        message: expect.stringContaining('Activated alarms: <errors>'),
      },
    });
    const none = await deploy({ enabled: false });
    expect(await none()).toMatchObject({
      status: 'InProgress',
      overrideAlarmConfiguration: { enabled: false },
    });
    expect(services.asked).toContain(
      'codedeploy:UpdateDeploymentGroup arn:aws:codedeploy:eu-west-1:111111111111:deploymentgroup:app/group',
    );
    const { deploymentId } = (await none()) ?? {};
    await client.send(new sdk.StopDeploymentCommand({ deploymentId }));
    await services.runDue();
    await alarm('OK');
    const during = await deploy();
    expect((await during())?.status).toBe('InProgress');
    await alarm('ALARM');
    expect(await during()).toMatchObject({
      status: 'Stopped',
      errorInformation: { code: 'ALARM_ACTIVE' },
    });
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['errors'] }));
    const ignoring = await deploy({ ...alarms, ignorePollAlarmFailure: true });
    expect((await ignoring())?.status).toBe('InProgress');
    expect(services.failures).toEqual([]);
  });

  test('CD-MI-04 to 06: tags of applications and groups', async () => {
    await setUp();
    const ResourceArn = 'arn:aws:codedeploy:eu-west-1:111111111111:deploymentgroup:app/group';
    await client.send(
      new sdk.TagResourceCommand({ ResourceArn, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] }),
    );
    await client.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ['b', 'c'] }));
    const { Tags } = await client.send(new sdk.ListTagsForResourceCommand({ ResourceArn }));
    expect(Tags).toEqual([{ Key: 'a', Value: '1' }]);
    await refuses(
      client.send(
        new sdk.ListTagsForResourceCommand({
          ResourceArn: ResourceArn.replace('deploymentgroup', 'instance'),
        }),
      ),
      'ArnNotSupportedException',
    );
    await refuses(
      client.send(new sdk.ListTagsForResourceCommand({ ResourceArn: 'x' })),
      'InvalidArnException',
    );
  });
});
