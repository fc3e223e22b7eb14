import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  AddTagsToOnPremisesInstancesCommand,
  CodeDeployClient,
  DeregisterOnPremisesInstanceCommand,
  RegisterOnPremisesInstanceCommand,
  type Tag,
} from '@aws-sdk/client-codedeploy';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { readOnPremisesConfig } from '../../agent/config.ts';
import { makeDirectory, writeAtomically } from '../../lib/files.ts';
import type { Caller } from '../call-aws.ts';

export interface Registration {
  name: string;
  tags: Tag[];
  /** The on-premises configuration file that is written. */
  file: string;
}

/** What `aws deploy register` lets an instance do: get its revisions. */
const POLICY = {
  Version: '2012-10-17',
  Statement: [{ Action: ['s3:Get*', 's3:List*'], Effect: 'Allow', Resource: '*' }],
};
const PolicyName = 'codedeploy-agent';

/** @throws TypeError for what is no tag */
export function readTag(text: string): Tag {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new TypeError(`--tag takes KEY=VALUE, not ${text}.`);
  return { Key: text.slice(0, at), Value: text.slice(at + 1) };
}

/**
 * Does what `aws deploy register` and `install` do: an IAM user of the instance's name, a key for it, its registration and
 * tags, and the agent's configuration file. A host that has such a file of the same name is registered already: its tags are
 * added. What was made is taken back when it does not go on. @throws Error that says why not
 */
export async function registerHost(
  { region, endpoint, ...credentials }: Caller,
  { name, tags, file }: Registration,
): Promise<'registered' | 'known'> {
  const options = { region, endpoint, credentials };
  const codedeploy = new CodeDeployClient(options);
  const addTags = async () => {
    if (tags.length === 0) return;
    const given = { instanceNames: [name], tags };
    await codedeploy.send(new AddTagsToOnPremisesInstancesCommand(given));
  };
  if (existsSync(file)) {
    const { hostIdentifier } = readOnPremisesConfig(file);
    if (hostIdentifier.split('/').at(-1) !== name)
      throw new Error(`${file} is of ${hostIdentifier}: --register ${name} needs another --config`);
    await addTags();
    return 'known';
  }
  makeDirectory(dirname(file));
  const iam = new IAMClient(options);
  const UserName = name;
  const { User } = await iam.send(new CreateUserCommand({ UserName, Path: '/AWS/CodeDeploy/' }));
  let AccessKeyId: string | undefined;
  let registered = false;
  try {
    const PolicyDocument = JSON.stringify(POLICY);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    AccessKeyId = AccessKey?.AccessKeyId;
    const iamUserArn = User?.Arn ?? '';
    await codedeploy.send(
      new RegisterOnPremisesInstanceCommand({ instanceName: name, iamUserArn }),
    );
    registered = true;
    await addTags();
    const lines = [
      '---',
      `region: ${region}`,
      `iam_user_arn: ${iamUserArn}`,
      `aws_access_key_id: ${AccessKeyId}`,
      `aws_secret_access_key: ${AccessKey?.SecretAccessKey}`,
    ];
    writeAtomically(file, `${lines.join('\n')}\n`, 0o600);
    return 'registered';
  } catch (error) {
    if (registered) {
      const deregister = new DeregisterOnPremisesInstanceCommand({ instanceName: name });
      await codedeploy.send(deregister).catch(nothing);
    }
    await takeBack(iam, UserName, AccessKeyId);
    throw error;
  }
}

const nothing = () => undefined;

/** As far as it goes: why the rest did not is told. */
async function takeBack(iam: IAMClient, UserName: string, AccessKeyId?: string): Promise<void> {
  if (AccessKeyId)
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId })).catch(nothing);
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName })).catch(nothing);
  await iam.send(new DeleteUserCommand({ UserName })).catch(nothing);
}
