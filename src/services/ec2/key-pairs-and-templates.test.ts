import * as ec2 from '@aws-sdk/client-ec2';
import { beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';
import { makeMachines } from './testing.ts';

eachDialect('key pairs and launch templates', (makeDatabase) => {
  let server: World;
  let client: ec2.EC2Client;
  let ImageId: string | undefined;

  beforeEach(async () => {
    server = await world(makeDatabase, [service], { executor: makeMachines().executor });
    client = server.client(ec2.EC2Client);
    ({ ImageId } = await client.send(
      new ec2.RegisterImageCommand({ Name: 'web', ImageLocation: 'debian:12' }),
    ));
  });

  it('asks IAM about the pair that goes, however it is named', async () => {
    const KeyName = 'mine';
    const made = new ec2.CreateKeyPairCommand({ KeyName, KeyType: 'ed25519' });
    const { KeyPairId } = await client.send(made);
    await expect(client.send(made)).rejects.toMatchObject({ name: 'InvalidKeyPair.Duplicate' });
    server.asked.length = 0;
    const answer = await client.send(new ec2.DeleteKeyPairCommand({ KeyName: '', KeyPairId }));
    expect(answer.KeyPairId).toBe(KeyPairId);
    expect(server.asked).toContain(
      `ec2:DeleteKeyPair arn:aws:ec2:${REGION}:${ACCOUNT}:key-pair/mine`,
    );
  });

  it('shows versions of one template and of all, and refuses what is no version', async () => {
    const LaunchTemplateData = { ImageId, InstanceType: 't3.micro' as const };
    const ids: string[] = [];
    for (const LaunchTemplateName of ['one', 'two']) {
      const create = new ec2.CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData,
      });
      ids.push((await client.send(create)).LaunchTemplate?.LaunchTemplateId ?? '');
      await client.send(
        new ec2.CreateLaunchTemplateVersionCommand({ LaunchTemplateName, LaunchTemplateData }),
      );
    }
    const versions = async (more: ec2.DescribeLaunchTemplateVersionsCommandInput) => {
      const command = new ec2.DescribeLaunchTemplateVersionsCommand(more);
      const { LaunchTemplateVersions = [] } = await client.send(command);
      return LaunchTemplateVersions.map(
        ({ LaunchTemplateName: name, VersionNumber: number }) => `${name} ${number}`,
      );
    };
    const LaunchTemplateName = 'one';
    expect(await versions({ LaunchTemplateName })).toEqual(['one 2', 'one 1']);
    expect(await versions({ LaunchTemplateName, Versions: ['1', '$Default'] })).toEqual(['one 1']);
    expect(await versions({ LaunchTemplateName, MinVersion: '2' })).toEqual(['one 2']);
    const all = await versions({ Versions: ['$Latest', '$Default'] });
    expect(all.sort()).toEqual(['one 1', 'one 2', 'two 1', 'two 2']);
    for (const [more, name] of [
      [{ MinVersion: 'first' }, 'InvalidParameterValue'],
      [{ MaxVersion: '-1' }, 'InvalidParameterValue'],
      [{ Versions: ['3'] }, 'InvalidLaunchTemplateId.VersionNotFound'],
      [{ Versions: ['first'] }, 'InvalidLaunchTemplateId.VersionNotFound'],
    ] as const)
      await expect(
        versions({ LaunchTemplateName, ...more } as ec2.DescribeLaunchTemplateVersionsCommandInput),
      ).rejects.toMatchObject({ name });
    // Named by its name, asked about by its id.
    server.asked.length = 0;
    await client.send(
      new ec2.RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateName },
        MinCount: 1,
        MaxCount: 1,
      }),
    );
    expect(server.asked.join('\n')).toContain(`:launch-template/${ids[0]}`);
  });
});
