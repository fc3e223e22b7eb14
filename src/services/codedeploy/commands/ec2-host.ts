import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ec2InstanceArn, isEc2Instance } from '../model/ec2-instances.ts';
import { SERVICE_PRINCIPAL } from '../reconcilers/names.ts';

const EC2 = 'ec2.amazonaws.com';

/** What was found is good for so long: an agent asks several times a minute. */
const KNOWN_MS = 60_000;
const MOST_KNOWN = 5000;

type Known = Map<string, number>;
/** By server: until when sessions are known to be instances'. */
const known = new WeakMap<object, Known>();

/**
 * The EC2 instance whose own credentials the call is signed with (CD-AGT-07): a session that EC2 has given its instance by the
 * name of it, of the role that the profile of that instance has now. Undefined for everybody else.
 */
export async function callingInstance(ctx: ServiceContext): Promise<string | undefined> {
  const { principal, accountId, clock } = ctx;
  if (principal.type !== 'assumed-role' || principal.accountId !== accountId) return undefined;
  const { sessionName: id, roleArn, issuedTo } = principal;
  if (!isEc2Instance(id)) return undefined;
  // Whoever may assume the role can name his session so; EC2 alone makes one for the instance.
  if (issuedTo?.service !== EC2 || issuedTo.sourceArn !== ec2InstanceArn(ctx, id)) return undefined;
  const sessions = known.get(ctx.credentials) ?? new Map<string, number>();
  known.set(ctx.credentials, sessions);
  const key = `${ctx.region} ${principal.userId}`;
  const now = clock.now().getTime();
  if ((sessions.get(key) ?? 0) > now) return id;
  if (!(await hasRole(ctx, id, roleArn))) return undefined;
  if (sessions.size >= MOST_KNOWN) sessions.clear();
  sessions.set(key, now + KNOWN_MS);
  return id;
}

async function hasRole(ctx: ServiceContext, id: string, roleArn: string): Promise<boolean> {
  const { region } = ctx;
  const itself = { service: SERVICE_PRINCIPAL, sourceArn: ec2InstanceArn(ctx, id), region };
  const ec2 = ctx.client(EC2Client, { ...itself, may: ['ec2:DescribeInstances'] });
  const iam = ctx.client(IAMClient, { ...itself, may: ['iam:GetInstanceProfile'] });
  try {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const { State, IamInstanceProfile: profile } = Reservations?.[0]?.Instances?.[0] ?? {};
    if (State?.Name !== 'running' || !profile?.Arn) return false;
    const InstanceProfileName = parseArn(profile.Arn)?.resource.split('/').at(-1);
    const found = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    const { Arn, Roles = [] } = found.InstanceProfile ?? {};
    return Arn === profile.Arn && Roles[0]?.Arn === roleArn;
  } catch (error) {
    if (isAwsError(error, 'InvalidInstanceID.NotFound', 'NoSuchEntity', 'NoSuchEntityException'))
      return false;
    throw error;
  }
}
