import {
  CodeDeployClient,
  CreateDeploymentCommand,
  type FileExistsBehavior,
  type RevisionLocation,
} from '@aws-sdk/client-codedeploy';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { useAct } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { revisionText, s3Of } from './deployment-text.ts';

const EXISTS = [
  { value: 'DISALLOW', label: 'Fail the deployment' },
  { value: 'OVERWRITE', label: 'Overwrite the content' },
  { value: 'RETAIN', label: 'Retain the content' },
];

/** Create deployment, of a revision in S3. */
export function DeployDialog({
  application,
  group,
  revision,
  close,
}: {
  application: string;
  group: string;
  /** What the group has last been given. */
  revision: RevisionLocation | undefined;
  close: () => void;
}) {
  const { act } = useAct(CodeDeployClient);
  const [url, setUrl] = useState(revision?.s3Location ? revisionText(revision) : '');
  const [description, setDescription] = useState('');
  const [exists, setExists] = useState<string>('DISALLOW');
  const wanted = s3Of(url, revision);
  const run = async () => {
    const { deploymentId: id = '' } = await act(
      new CreateDeploymentCommand({
        applicationName: application,
        deploymentGroupName: group,
        revision: wanted,
        description: description || undefined,
        fileExistsBehavior: exists as FileExistsBehavior,
      }),
      { done: 'The deployment has started.', sayFailure: false },
    );
    go({ fragment: fragmentOf('/deployments/:id', { id }) });
  };
  return (
    <Confirm
      title={`Deploy to ${group}`}
      verb="Create deployment"
      ready={wanted !== undefined}
      act={run}
      close={close}
    >
      <FormField
        label="Revision location"
        description="Where the revision is: s3://BUCKET/KEY, a zip, tar or tgz; with ?versionId=ID, that version of it."
        errorText={url !== '' && !wanted ? 'This is no s3://BUCKET/KEY.' : undefined}
      >
        <Input
          value={url}
          onChange={({ detail }) => setUrl(detail.value)}
          placeholder="s3://bucket/app.zip"
        />
      </FormField>
      <FormField label="Description">
        <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
      </FormField>
      <FormField label="Where a file is there already that no deployment has put there">
        <Select
          selectedOption={EXISTS.find(({ value }) => value === exists) ?? null}
          options={EXISTS}
          onChange={({ detail }) => setExists(detail.selectedOption.value ?? 'DISALLOW')}
        />
      </FormField>
    </Confirm>
  );
}
