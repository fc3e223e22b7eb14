import { countEvents, measures } from '../../../kit/service-metrics.ts';
import { loadDeployment } from '../store/deployments.ts';

const ENDED = new Map([
  ['SUCCESS', 'SucceededDeployments'],
  ['FAILURE', 'FailedDeployments'],
  ['STOP', 'StoppedDeployments'],
]);

/** In the form of CodeBuild's: AWS publishes none of CodeDeploy. */
export const deploymentMetrics = countEvents({
  service: 'codedeploy',
  namespace: 'AWS/CodeDeploy',
  pattern: {
    'detail-type': ['CodeDeploy Deployment State-change Notification'],
    detail: { state: ['START', ...ENDED.keys()] },
  },
  async measure(event, { db }) {
    const {
      state = '',
      application = '',
      deploymentGroup = '',
      deploymentId = '',
    } = event.detail as Record<string, string | undefined>;
    const of: Record<string, string>[] = [
      { Application: application },
      { Application: application, DeploymentGroup: deploymentGroup },
    ];
    if (state === 'START') return measures(event, 'Deployments', 1, 'Count', ...of);
    const deployment = await loadDeployment(db, deploymentId);
    const seconds = deployment && (Date.parse(event.time) - deployment.createdAt) / 1000;
    return [
      ...measures(event, ENDED.get(state) ?? '', 1, 'Count', ...of),
      ...(seconds === undefined
        ? []
        : measures(event, 'Duration', Math.max(0, seconds), 'Seconds', ...of)),
    ];
  },
});
