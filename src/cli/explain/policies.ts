import {
  GetRoleCommand,
  IAMClient,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig, type Server } from '../server.ts';
import { accountOf, type Denial } from './denial.ts';
import { asIdentityPolicy, type Policies, policyHolder, type Says } from './verdict.ts';

/** Reads what the policies say of a refused call, under the rights of who asks: what he may not read is not known. */
export function policyReader(server: Server, caller: { accountId: string }) {
  const config = clientConfig(server);
  const iam = new IAMClient(config);
  const clients = {
    iam,
    kms: new KMSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  return async (denial: Denial): Promise<Policies> => {
    const [identity, document] = await Promise.all([
      simulated(iam, denial),
      resourcePolicy(clients, denial).catch(() => undefined),
    ]);
    const account = accountOf(denial.principal);
    const says = (principals: string[]) => decided(iam, denial, document, principals);
    const [resource, delegated] = await Promise.all([
      says([denial.principal]),
      says([account, `arn:aws:iam::${account}:root`]),
    ]);
    return { identity, resource, delegated, owner: ownerOf(denial, document, caller.accountId) };
  };
}

/** What the principal's own policies say. */
async function simulated(iam: IAMClient, { principal, action, resource }: Denial): Promise<Says> {
  try {
    const { EvaluationResults: [result] = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        ...{ PolicySourceArn: principal, ActionNames: [action], ResourceArns: [resource] },
      }),
    );
    return result?.EvalDecision as Says;
  } catch {
    return undefined;
  }
}

interface Clients {
  iam: IAMClient;
  kms: KMSClient;
  s3: S3Client;
}

/** The policy of a call's resource: '' where it has none, undefined where it has no such thing. @throws where it cannot be read */
async function resourcePolicy(
  { iam, kms, s3 }: Clients,
  denial: Denial,
): Promise<string | undefined> {
  const { action, resource } = denial;
  if (action.startsWith('s3:')) {
    const Bucket = policyHolder(denial).split(':::')[1];
    try {
      return (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy ?? '';
    } catch (error) {
      if ((error as Error).name === 'NoSuchBucketPolicy') return '';
      throw error;
    }
  }
  if (action.startsWith('kms:')) {
    const read = new GetKeyPolicyCommand({ KeyId: resource, PolicyName: 'default' });
    return (await kms.send(read)).Policy;
  }
  const role = /:role\/(?:.*\/)?([^/]+)$/.exec(resource)?.[1];
  if (action !== 'sts:AssumeRole' || role === undefined) return undefined;
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: role }));
  // A role of that name in the caller's own account is another one.
  if (Role?.Arn !== resource) return undefined;
  return decodeURIComponent(Role.AssumeRolePolicyDocument ?? '');
}

/** What a resource's policy says to these principals: IAM's own evaluation of the statements that are for them. */
async function decided(
  iam: IAMClient,
  { action, resource }: Denial,
  document: string | undefined,
  principals: string[],
): Promise<Says> {
  if (document === undefined) return undefined;
  const policy = asIdentityPolicy(document, principals);
  if (policy === undefined) return 'implicitDeny';
  try {
    const { EvaluationResults: [result] = [] } = await iam.send(
      new SimulateCustomPolicyCommand({
        ...{ PolicyInputList: [policy], ActionNames: [action], ResourceArns: [resource] },
      }),
    );
    return result?.EvalDecision as Says;
  } catch {
    return undefined;
  }
}

/** ARNs of S3 have no account: who may read the policy of a bucket has it, as a rule. */
function ownerOf(denial: Denial, document: string | undefined, caller: string): string | undefined {
  return accountOf(denial.resource) || (document === undefined ? undefined : caller);
}
