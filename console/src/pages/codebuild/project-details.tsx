import type { Project } from '@aws-sdk/client-codebuild';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { CodeField } from '../../parts/editor.tsx';
import { KeyValues, mono } from '../../parts/key-values.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Time } from '../../parts/time.tsx';

/** What a project is made of, as its page of AWS's console has it. */
export function ProjectDetails({ project }: { project: Project }) {
  const { source, environment, artifacts, cache, logsConfig, webhook, vpcConfig } = project;
  const repository = source?.type === 'CODECOMMIT' ? source.location?.split('/').at(-1) : undefined;
  return (
    <SpaceBetween size="l">
      <KeyValues
        header="Project configuration"
        items={[
          ['Name', project.name],
          ['ARN', mono(project.arn)],
          ['Service role', mono(project.serviceRole)],
          ['Created', <Time key="c" at={project.created} />],
          ['Last modified', <Time key="m" at={project.lastModified} />],
          ['Timeout', `${project.timeoutInMinutes ?? 60} min`],
          ['Queued timeout', `${project.queuedTimeoutInMinutes ?? 480} min`],
          ['Concurrent builds at most', project.concurrentBuildLimit],
          ['Encryption key', mono(project.encryptionKey)],
          ['Visibility', project.projectVisibility],
        ]}
      />
      <KeyValues
        header="Source"
        items={[
          ['Source provider', source?.type],
          [
            'Repository',
            repository === undefined ? (
              mono(source?.location)
            ) : (
              <PlaceLink
                key="r"
                service="codecommit"
                to="/repository/:name"
                names={{ name: repository }}
              >
                {repository}
              </PlaceLink>
            ),
          ],
          ['Source version', mono(project.sourceVersion)],
          ['Git clone depth', source?.gitCloneDepth || undefined],
          ['Webhook', webhook && mono(webhook.payloadUrl ?? webhook.url)],
        ]}
      />
      <KeyValues
        header="Environment"
        items={[
          ['Image', mono(environment?.image)],
          ['Type', environment?.type],
          ['Compute', environment?.computeType],
          ['Privileged', environment?.privilegedMode ? 'Yes' : 'No'],
          ['VPC', mono(vpcConfig?.vpcId)],
        ]}
      />
      <KeyValues
        header="Artifacts, cache and logs"
        items={[
          ['Artifacts', artifacts?.type],
          ['Bucket', mono(artifacts?.location)],
          ['Path', mono(artifacts?.path)],
          ['Packaging', artifacts?.packaging],
          ['Cache', cache?.type === 'LOCAL' ? cache.modes?.join(', ') : cache?.type],
          ['CloudWatch logs', logsConfig?.cloudWatchLogs?.status ?? 'ENABLED'],
          [
            'Log group',
            mono(logsConfig?.cloudWatchLogs?.groupName ?? `/aws/codebuild/${project.name}`),
          ],
          ['S3 logs', logsConfig?.s3Logs?.status],
        ]}
      />
      {source?.buildspec && (
        <CodeField label="Buildspec" language="yaml" value={source.buildspec} />
      )}
    </SpaceBetween>
  );
}
