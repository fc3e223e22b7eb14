import type { _InstanceType } from '@aws-sdk/client-ec2';
import { parseArn } from '../../../aws/arn.ts';
import { listOf, NS, type Of, settingOf } from './settings.ts';

/** What settings say of the instances, in EC2's words: for the launch template, and for the try before there is one. */
export function launchOf(of: Of) {
  const option = (name: string) => settingOf(of, NS.launch, name);
  const profile = option('IamInstanceProfile');
  const groups = listOf(of, NS.launch, 'SecurityGroups');
  const [type = option('InstanceType')] = listOf(of, NS.instances, 'InstanceTypes');
  const key = option('EC2KeyName');
  return {
    IamInstanceProfile: parseArn(profile) ? { Arn: profile } : { Name: profile },
    ...(type !== '' && { InstanceType: type as _InstanceType }),
    ...(groups.length > 0 && { SecurityGroupIds: groups }),
    ...(key !== '' && { KeyName: key }),
  };
}
