import {
  BatchGetDeploymentTargetsCommand,
  CodeDeployClient,
  ContinueDeploymentCommand,
  CreateDeploymentCommand,
  type DeploymentInfo,
  GetDeploymentCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { chunks } from '../../../../src/lib/chunks.ts';
import { useAct, useAws, useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Failure } from '../../parts/failure.tsx';
import { said } from '../../parts/flashes.ts';
import { KeyValues, mono } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { revisionText, targetOf } from './deployment-text.ts';
import { Matrix } from './matrix.tsx';

/** Lifecycle events on hosts tell nobody of themselves. */
const EVERY_MS = 5_000;
const AT_ONCE = 25;
const DONE = new Set(['Succeeded', 'Failed', 'Stopped']);

const isDone = (info: DeploymentInfo | undefined) => DONE.has(info?.status ?? '');

export default function Deployment({ params: { id } }: PageProps<'id'>) {
  const { data, error, refetch } = useAws(
    CodeDeployClient,
    new GetDeploymentCommand({ deploymentId: id }),
    { every: (last) => !isDone(last?.deploymentInfo) && EVERY_MS },
  );
  const info = data?.deploymentInfo;
  return (
    <Page
      title={id}
      description={info?.description}
      crumbs={[{ text: 'Deployments', service: 'codedeploy', fragment: '/deployments' }]}
      error={error}
      again={() => void refetch()}
      actions={info && <Actions info={info} />}
    >
      {info && <Found info={info} />}
    </Page>
  );
}

function Actions({ info }: { info: DeploymentInfo }) {
  const {
    deploymentId = '',
    applicationName = '',
    status,
    instanceTerminationWaitTimeStarted,
  } = info;
  const { act, busy } = useAct(CodeDeployClient);
  const [stop, setStop] = useState(false);
  const [back, setBack] = useState(false);
  const [again, setAgain] = useState(false);
  const redeploy = async () => {
    const { deploymentId: next = '' } = await act(
      new CreateDeploymentCommand({
        applicationName,
        deploymentGroupName: info.deploymentGroupName,
        revision: info.revision,
        deploymentConfigName: info.deploymentConfigName,
        description: info.description,
        fileExistsBehavior: info.fileExistsBehavior,
        ignoreApplicationStopFailures: info.ignoreApplicationStopFailures,
        targetInstances: info.targetInstances,
        autoRollbackConfiguration: info.autoRollbackConfiguration,
        updateOutdatedInstancesOnly: info.updateOutdatedInstancesOnly,
      }),
      { done: 'The revision is deployed again.', sayFailure: false },
    );
    go({ fragment: fragmentOf('/deployments/:id', { id: next }) });
  };
  const goOn = (deploymentWaitType: 'READY_WAIT' | 'TERMINATION_WAIT') =>
    void act(new ContinueDeploymentCommand({ deploymentId, deploymentWaitType }), {
      done: 'The deployment goes on.',
    }).catch(said);
  return (
    <SpaceBetween direction="horizontal" size="xs">
      {status === 'Ready' && (
        <Button loading={busy} onClick={() => goOn('READY_WAIT')}>
          Continue deployment
        </Button>
      )}
      {instanceTerminationWaitTimeStarted && !isDone(info) && (
        <Button loading={busy} onClick={() => goOn('TERMINATION_WAIT')}>
          Terminate original instances now
        </Button>
      )}
      {!isDone(info) && <Button onClick={() => setStop(true)}>Stop deployment</Button>}
      <Button disabled={!info.revision} onClick={() => setAgain(true)}>
        Redeploy
      </Button>
      {again && (
        <Confirm
          title={`Deploy ${revisionText(info.revision)} again?`}
          verb="Redeploy"
          close={() => setAgain(false)}
          act={redeploy}
        >
          {`To ${info.deploymentGroupName}, as ${deploymentId} was.`}
        </Confirm>
      )}
      {stop && (
        <Confirm
          title={`Stop ${deploymentId}?`}
          verb="Stop deployment"
          close={() => setStop(false)}
          act={() =>
            act(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: back }), {
              done: 'The deployment is stopped.',
              sayFailure: false,
            })
          }
        >
          Lifecycle events that run are finished first.
          <Checkbox checked={back} onChange={({ detail }) => setBack(detail.checked)}>
            Roll back to the last revision that was deployed successfully
          </Checkbox>
        </Confirm>
      )}
    </SpaceBetween>
  );
}

/** All targets with their events, asked by 25. */
function useTargets(deploymentId: string, every: number | false) {
  const { data, error } = useAwsPages(
    CodeDeployClient,
    (nextToken) => new ListDeploymentTargetsCommand({ deploymentId, nextToken }),
    ({ nextToken }) => nextToken,
    { every },
  );
  const targetIds = data?.flatMap((page) => page.targetIds ?? []) ?? [];
  const parts = useAwsAll(
    CodeDeployClient,
    chunks(targetIds, AT_ONCE).map(
      (some) => new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds: some }),
    ),
    { every },
  );
  return {
    targets: parts.flatMap((part) => part.data?.deploymentTargets ?? []).map(targetOf),
    error: error ?? parts.find((part) => part.error)?.error,
    loading: !data || parts.some((part) => part.isLoading),
  };
}

function Found({ info }: { info: DeploymentInfo }) {
  const { deploymentId = '', applicationName = '', deploymentGroupName = '' } = info;
  const { targets, error, loading } = useTargets(deploymentId, !isDone(info) && EVERY_MS);
  const {
    errorInformation,
    rollbackInfo,
    deploymentOverview: overview = {},
    deploymentStyle,
  } = info;
  const all = Object.values(overview).reduce((sum: number, count) => sum + (count ?? 0), 0);
  const done = (overview.Succeeded ?? 0) + (overview.Failed ?? 0) + (overview.Skipped ?? 0);
  const related = (id: string | undefined) =>
    id && (
      <PlaceLink service="codedeploy" to="/deployments/:id" names={{ id }}>
        {id}
      </PlaceLink>
    );
  return (
    <SpaceBetween size="l">
      {errorInformation && (
        <Alert type="error" header={errorInformation.code}>
          {errorInformation.message}
        </Alert>
      )}
      {rollbackInfo && (
        <Alert
          type="info"
          header={rollbackInfo.rollbackTriggeringDeploymentId ? 'This is a rollback' : 'Rollback'}
        >
          {rollbackInfo.rollbackMessage} {related(rollbackInfo.rollbackDeploymentId)}{' '}
          {related(rollbackInfo.rollbackTriggeringDeploymentId)}
        </Alert>
      )}
      <KeyValues
        header="Deployment details"
        items={[
          ['Status', <Status key="s" of={info.status} />],
          [
            'Application',
            <PlaceLink
              key="a"
              service="codedeploy"
              to="/applications/:name"
              names={{ name: applicationName }}
            >
              {applicationName}
            </PlaceLink>,
          ],
          [
            'Deployment group',
            <PlaceLink
              key="g"
              service="codedeploy"
              to="/applications/:name/deployment-groups/:group"
              names={{ name: applicationName, group: deploymentGroupName }}
            >
              {deploymentGroupName}
            </PlaceLink>,
          ],
          ['Deployment configuration', info.deploymentConfigName],
          ['Revision', mono(revisionText(info.revision))],
          ['Initiated by', info.creator],
          ['Started', <Time key="t" at={info.createTime} />],
          ['Duration', <Duration key="d" from={info.createTime} to={info.completeTime} />],
          ['Type', deploymentStyle?.deploymentType === 'BLUE_GREEN' ? 'Blue/green' : 'In-place'],
          [
            'Traffic',
            deploymentStyle?.deploymentOption === 'WITH_TRAFFIC_CONTROL'
              ? 'With traffic control'
              : 'Without traffic control',
          ],
          ['Platform', info.computePlatform],
          ['Previous revision', info.previousRevision && mono(revisionText(info.previousRevision))],
        ]}
      />
      {all > 0 && (
        <ProgressBar
          value={(done / all) * 100}
          label="Instances"
          description={Object.entries(overview)
            .filter(([, count]) => (count ?? 0) > 0)
            .map(([name, count]) => `${count} ${name}`)
            .join(', ')}
          status={info.status === 'Failed' ? 'error' : done === all ? 'success' : 'in-progress'}
          resultText={`${overview.Succeeded ?? 0} of ${all} succeeded`}
        />
      )}
      {error ? <Failure error={error} /> : <Matrix targets={targets} loading={loading} />}
    </SpaceBetween>
  );
}
