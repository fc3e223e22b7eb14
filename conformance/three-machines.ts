import { type Call, each, type Lists, TAGS } from './three.ts';
import { balancers } from './three-balancers.ts';

/** Of all that a fleet is made of. */
export const fleet = async (call: Call): Promise<Lists> => ({
  ...(await balancers(call)),
  ...(await machines(call)),
  ...(await versions(call)),
});

/** Of one application. */
async function versions(call: Call): Promise<Lists> {
  const bundle = { Bucket: 'app-bundles', Key: 'app.zip' };
  await call('s3', 'CreateBucket', { Bucket: bundle.Bucket });
  await call('s3', 'PutObject', { ...bundle, Body: 'x' });
  await each((VersionLabel) =>
    call('elasticbeanstalk', 'CreateApplicationVersion', {
      ...{ ApplicationName: 'app', VersionLabel, AutoCreateApplication: true },
      SourceBundle: { S3Bucket: bundle.Bucket, S3Key: bundle.Key },
    }),
  );
  return { DescribeApplicationVersions: { input: {}, items: 'ApplicationVersions' } };
}

/** What instances are made of: profiles, images, security groups. The role `r1` is there. */
async function machines(call: Call): Promise<Lists> {
  await each(async (n) => {
    const InstanceProfileName = `profile${n}`;
    await call('iam', 'CreateInstanceProfile', { InstanceProfileName, Tags: TAGS });
    await call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName: 'r1' });
    await call('ec2', 'RegisterImage', {
      ...{ Name: `image${n}`, ImageLocation: `image:${n}` },
      TagSpecifications: [{ ResourceType: 'image', Tags: TAGS }],
    });
    await call('ec2', 'CreateSecurityGroup', { GroupName: `group${n}`, Description: n });
    await call('ec2', 'CreateLaunchTemplate', {
      ...{ LaunchTemplateName: `template${n}`, LaunchTemplateData: { InstanceType: 't3.micro' } },
    });
    await call('ec2', 'CreateLaunchTemplateVersion', {
      ...{ LaunchTemplateName: 'template1', LaunchTemplateData: { InstanceType: 't3.small' } },
    });
  });
  return {
    DescribeImages: { input: {}, items: 'Images' },
    DescribeLaunchTemplateVersions: {
      ...{ input: { LaunchTemplateName: 'template1' }, items: 'LaunchTemplateVersions' },
    },
    DescribeLaunchTemplates: { input: {}, items: 'LaunchTemplates' },
    DescribeTags: { input: {}, items: 'Tags' },
    ListInstanceProfileTags: { input: { InstanceProfileName: 'profile1' }, items: 'Tags' },
    ListInstanceProfiles: { input: {}, items: 'InstanceProfiles' },
    ListInstanceProfilesForRole: { input: { RoleName: 'r1' }, items: 'InstanceProfiles' },
  };
}
