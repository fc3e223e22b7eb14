import type { Environment, EnvironmentBody, Setting } from './environment.ts';

// Environments for tests of the model.

export const RELEASE = {
  ...{ label: 'v1', bucket: 'elasticbeanstalk-us-east-1-111111111111', key: 'v1', checksum: 'x' },
  bytes: 10,
};

export const single: Setting = {
  ...{ namespace: 'aws:elasticbeanstalk:environment', name: 'EnvironmentType' },
  value: 'SingleInstance',
};

export const rolling: Setting[] = [
  { namespace: 'aws:elasticbeanstalk:command', name: 'DeploymentPolicy', value: 'Rolling' },
  { namespace: 'aws:elasticbeanstalk:command', name: 'BatchSizeType', value: 'Fixed' },
  { namespace: 'aws:elasticbeanstalk:command', name: 'BatchSize', value: '2' },
];

export const newEnvironment = (body: Partial<EnvironmentBody> = {}): Environment => ({
  ...{ accountId: '111111111111', region: 'us-east-1', id: 'e-abcdefghij' },
  ...{ application: 'app', name: 'front', cname: 'front.us-east-1.elasticbeanstalk.localhost' },
  status: 'Launching',
  body: {
    ...{ stack: 'x', tags: {}, settings: [], createdAt: 0, updatedAt: 0, numbers: 0, said: 0 },
    ...{ release: { ...RELEASE, deployment: 0 }, instances: {} },
    health: { status: 'Unknown', causes: [] },
    ...body,
  },
});
