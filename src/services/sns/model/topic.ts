import { formatArn, parseArn } from '../../../aws/arn.ts';

/** A topic, as it is stored. */
export interface Topic {
  arn: string;
  accountId: string;
  region: string;
  name: string;
  /** Of the last message, on FIFO topics. */
  sequence: number;
  deletedSubscriptions: number;
  policy: string;
  /** Those that were set, by name; without Policy. */
  attributes: TopicAttributes;
  tags: Record<string, string>;
  createdAt: Date;
}

/** Values as callers give and get them. */
export interface TopicAttributes {
  DisplayName?: string;
  DeliveryPolicy?: string;
  KmsMasterKeyId?: string;
  SignatureVersion?: string;
  TracingConfig?: string;
  FifoTopic?: string;
  ContentBasedDeduplication?: string;
  FifoThroughputScope?: string;
}

export const isFifo = ({ attributes }: Pick<Topic, 'attributes'>) =>
  attributes.FifoTopic === 'true';

const NAME = /^[A-Za-z0-9_-]{1,256}$/;
const FIFO_NAME = /^[A-Za-z0-9_-]{1,251}\.fifo$/;

export const isTopicName = (name: string, fifo: boolean) => (fifo ? FIFO_NAME : NAME).test(name);

interface Place {
  accountId: string;
  region: string;
  partition?: string;
}

export function topicArn({ accountId, region, partition }: Place, name: string): string {
  return formatArn({
    ...(partition && { partition }),
    service: 'sns',
    region,
    accountId,
    resource: name,
  });
}

/** The topic that an ARN names, or whose subscription it names. */
export function topicOfArn(
  text: string,
): { accountId: string; region: string; arn: string } | undefined {
  const arn = parseArn(text);
  if (arn?.service !== 'sns' || !/^\d{12}$/.test(arn.accountId)) return undefined;
  const { accountId, region, resource } = arn;
  const [name = ''] = resource.split(':');
  return { accountId, region, arn: formatArn({ ...arn, resource: name }) };
}

/** What the owner's account may do by the policy that every topic begins with. */
const OWNER_ACTIONS = [
  'SNS:GetTopicAttributes',
  'SNS:SetTopicAttributes',
  'SNS:AddPermission',
  'SNS:RemovePermission',
  'SNS:DeleteTopic',
  'SNS:Subscribe',
  'SNS:ListSubscriptionsByTopic',
  'SNS:Publish',
];

/** https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html */
export function defaultPolicy(arn: string, accountId: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: OWNER_ACTIONS,
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
      },
    ],
  });
}

const SEQUENCE_START = 10_000_000_000_000_000_000n;

/** As AWS writes them: twenty digits, higher with every message. */
export const sequenceNumber = (sequence: number) =>
  String(SEQUENCE_START + BigInt(sequence) * 1000n);
