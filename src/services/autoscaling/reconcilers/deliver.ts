import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parseArn } from '../../../aws/arn.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { queueUrl } from '../../../kit/delivery/queue.ts';
import type { ActAs, Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { SERVICE_PRINCIPAL } from '../effects/clients.ts';
import { TELL_MS } from '../limits.ts';
import { deleteDelivery, findDelivery, type Owed } from '../store/deliveries.ts';
import { sweeps } from '../sweeps.ts';
import { DELIVERY } from './names.ts';

/** Tells a topic or a queue of something, at least once; not one that says no. */
export const deliveryReconciler = defineReconciler<Platform>({
  name: DELIVERY,
  async reconcile(platform, id) {
    const owed = await findDelivery(platform.db, id);
    if (!owed) return undefined;
    try {
      await tell(platform, owed);
    } catch (error) {
      const tooOld = platform.clock.now().getTime() - owed.madeAt > TELL_MS;
      if (!isRefusal(error) && !tooOld) throw error;
      platform.log.warn({ err: error, target: owed.delivery.target }, 'a group was not heard');
    }
    await platform.transaction((tx) => deleteDelivery(tx, id));
    return undefined;
  },
  sweep: sweeps[DELIVERY],
});

async function tell(platform: Platform, { groupArn, region: here, delivery }: Owed): Promise<void> {
  const arn = parseArn(delivery.target);
  const region = arn?.region || here;
  const as = (may: string[]): ActAs =>
    delivery.roleArn
      ? {
          ...{ service: SERVICE_PRINCIPAL, roleArn: delivery.roleArn, sourceArn: groupArn, region },
          sessionName: 'AutoScaling-LifecycleHook',
        }
      : { service: SERVICE_PRINCIPAL, sourceArn: groupArn, region, may };
  const { subject: Subject, message } = delivery;
  if (arn?.service === 'sns') {
    const sns = platform.client(SNSClient, as(['sns:Publish']));
    const TopicArn = delivery.target;
    await sns.send(
      new PublishCommand({ TopicArn, Subject: Subject?.slice(0, 100), Message: message }),
    );
    return;
  }
  if (!arn) return;
  const sqs = platform.client(SQSClient, as(['sqs:SendMessage']));
  const QueueUrl = queueUrl(platform, arn);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: message }));
}
