import type { Build, BuildPhase } from '@aws-sdk/client-codebuild';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { CodeField } from '../../parts/editor.tsx';
import { Empty } from '../../parts/empty.tsx';
import { KeyValues, mono } from '../../parts/key-values.tsx';
import { Long } from '../../parts/long.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import { objectOf } from './build-text.ts';
import './trend.css';

/** Phases with what they took and what they said. */
export function Phases({ build }: { build: Build }) {
  const { phases = [] } = build;
  const longest = Math.max(1, ...phases.map(({ durationInSeconds = 0 }) => durationInSeconds));
  return (
    <TablePage<BuildPhase>
      noun="phases"
      title="Phase details"
      items={phases}
      keyOf={({ phaseType = '' }) => phaseType}
      empty={<Empty title="No phase has begun." />}
      columns={[
        { id: 'name', header: 'Name', names: true, cell: ({ phaseType }) => phaseType, width: 200 },
        {
          id: 'status',
          header: 'Status',
          cell: ({ phaseStatus, phaseType }) =>
            phaseType === 'COMPLETED' ? '–' : <Status of={phaseStatus ?? 'IN_PROGRESS'} />,
          width: 140,
        },
        {
          id: 'context',
          header: 'Context',
          cell: ({ contexts = [] }) =>
            contexts
              .filter(({ message, statusCode }) => message || statusCode)
              .map(({ statusCode = '', message = '' }) => (
                <div key={statusCode + message} className="mono">
                  {statusCode && `${statusCode}: `}
                  {message}
                </div>
              )),
        },
        {
          id: 'duration',
          header: 'Duration',
          width: 220,
          cell: (phase) =>
            phase.phaseType === 'COMPLETED' ? (
              '–'
            ) : (
              <div className="phase-time">
                <Duration from={phase.startTime} to={phase.endTime} />
                <span style={{ width: `${((phase.durationInSeconds ?? 0) / longest) * 100}%` }} />
              </div>
            ),
        },
        {
          id: 'start',
          header: 'Started',
          width: 150,
          cell: ({ startTime }) => <Time at={startTime} />,
        },
        { id: 'end', header: 'Ended', width: 150, cell: ({ endTime }) => <Time at={endTime} /> },
      ]}
    />
  );
}

/** What the build left in S3. */
export function Artifacts({ build }: { build: Build }) {
  const all = [build.artifacts, ...(build.secondaryArtifacts ?? [])].flatMap((one, i) =>
    one?.location
      ? [{ ...one, name: one.artifactIdentifier ?? (i === 0 ? 'Primary' : `${i}`) }]
      : [],
  );
  return (
    <TablePage
      noun="artifacts"
      title="Artifacts"
      items={all}
      keyOf={({ name }) => name}
      empty={<Empty title="The build has left no artifacts." />}
      columns={[
        {
          id: 'name',
          header: 'Identifier',
          names: true,
          by: ({ name }) => name,
          cell: ({ name }) => name,
          width: 160,
        },
        {
          id: 'location',
          header: 'Location',
          by: ({ location }) => location,
          cell: ({ location }) => {
            const object = objectOf(location);
            const text = <span className="mono">{location}</span>;
            return object === undefined ? (
              text
            ) : (
              <PlaceLink
                service="s3"
                to={`/object/:bucket/${object.key.split('/').map(encodeURIComponent).join('/')}`}
                names={{ bucket: object.bucket }}
              >
                {text}
              </PlaceLink>
            );
          },
        },
        {
          id: 'sha256',
          header: 'SHA-256',
          cell: ({ sha256sum }) => <Long text={sha256sum} />,
        },
        {
          id: 'encrypted',
          header: 'Encrypted',
          width: 110,
          cell: ({ encryptionDisabled }) => (encryptionDisabled ? 'No' : 'Yes'),
        },
      ]}
    />
  );
}

/** The rest of what a build says of itself. */
export function BuildDetails({ build }: { build: Build }) {
  const { source, environment, cache, logs } = build;
  return (
    <SpaceBetween size="l">
      <KeyValues
        header="Configuration"
        items={[
          ['Build ARN', mono(build.arn)],
          ['Service role', mono(build.serviceRole)],
          ['Source provider', source?.type],
          ['Repository or object', mono(source?.location)],
          ['Source version', mono(build.sourceVersion)],
          ['Image', mono(environment?.image)],
          ['Environment type', environment?.type],
          ['Compute', environment?.computeType],
          ['Privileged', environment?.privilegedMode ? 'Yes' : 'No'],
          ['Timeout', build.timeoutInMinutes && `${build.timeoutInMinutes} min`],
          ['Queued timeout', build.queuedTimeoutInMinutes && `${build.queuedTimeoutInMinutes} min`],
          ['Encryption key', mono(build.encryptionKey)],
          ['Cache', cache?.type === 'LOCAL' ? cache.modes?.join(', ') : cache?.type],
          ['Cache location', mono(cache?.location)],
          ['Log group', mono(logs?.groupName)],
          ['Log stream', mono(logs?.streamName)],
          ['Batch', mono(build.buildBatchArn)],
          ['Retries left', build.autoRetryConfig?.autoRetryLimit],
        ]}
      />
      {source?.buildspec && (
        <CodeField label="Buildspec" language="yaml" value={source.buildspec} />
      )}
    </SpaceBetween>
  );
}
