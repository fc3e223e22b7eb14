import type { Route } from '../../../kit/service.ts';
import { REGIONS } from '../model/network.ts';
import { INSTALL } from '../model/tools.ts';

/**
 * Where AWS's bucket has the agent's install script, as path-style S3 names it: `aws s3 cp s3://aws-codedeploy-REGION/latest/install .`
 * and `wget $AWS_ENDPOINT_URL/aws-codedeploy-REGION/latest/install` get it. It is for everybody, as AWS's is.
 */
const install = (region: string): Route => ({
  api: 'ec2',
  operation: 'GetAgentInstaller',
  methods: ['GET', 'HEAD'],
  path: `/aws-codedeploy-${region}/latest/install`,
  identity: { by: 'none' },
  async handle(_platform, { request }) {
    return {
      status: 200,
      headers: {
        'content-type': 'application/x-sh',
        'content-length': String(Buffer.byteLength(INSTALL)),
        'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      },
      body: request.method === 'HEAD' ? undefined : INSTALL,
    };
  },
});

export const routes: Route[] = REGIONS.map(install);
