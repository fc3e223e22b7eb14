import {
  type ActionDeclaration,
  CodePipelineClient,
  GetPipelineCommand,
  type SourceRevisionOverride,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { asCommand } from '../../api/as-command.ts';
import { useAct, useAws } from '../../api/use-aws.ts';
import { Command } from '../../parts/command.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Failure } from '../../parts/failure.tsx';

const REVISION_TYPES: Record<string, [SourceRevisionOverride['revisionType'], string]> = {
  CodeCommit: ['COMMIT_ID', 'Commit ID'],
  CodeStarSourceConnection: ['COMMIT_ID', 'Commit ID'],
  GitHub: ['COMMIT_ID', 'Commit ID'],
  ECR: ['IMAGE_DIGEST', 'Image digest'],
  S3: ['S3_OBJECT_VERSION_ID', 'Object version ID'],
};

const providerOf = ({ actionTypeId }: ActionDeclaration) => actionTypeId?.provider ?? '';

/** Starts a pipeline: with other values of its variables, of other revisions than the newest, where somebody says so. */
export function ReleaseDialog({ pipeline, close }: { pipeline: string; close: () => void }) {
  const { data, error } = useAws(CodePipelineClient, new GetPipelineCommand({ name: pipeline }));
  const { act } = useAct(CodePipelineClient);
  const [values, setValues] = useState<Record<string, string>>({});
  const [revisions, setRevisions] = useState<Record<string, string>>({});
  const declared = data?.pipeline?.variables ?? [];
  const sources = (data?.pipeline?.stages?.[0]?.actions ?? []).filter((action) =>
    Object.hasOwn(REVISION_TYPES, providerOf(action)),
  );
  const variables = Object.entries(values).map(([name, value]) => ({ name, value }));
  const sourceRevisions = sources.flatMap((action): SourceRevisionOverride[] => {
    const revisionValue = revisions[action.name ?? '']?.trim();
    const revisionType = REVISION_TYPES[providerOf(action)]?.[0];
    return revisionValue ? [{ actionName: action.name, revisionType, revisionValue }] : [];
  });
  const input = {
    name: pipeline,
    ...(variables.length > 0 && { variables }),
    ...(sourceRevisions.length > 0 && { sourceRevisions }),
  };
  const missing = declared.some(
    ({ name = '', defaultValue }) => defaultValue === undefined && !values[name],
  );
  return (
    <Confirm
      title={`Release change: ${pipeline}`}
      verb="Release"
      ready={!missing}
      close={close}
      act={() =>
        act(new StartPipelineExecutionCommand(input), {
          done: `${pipeline} has started.`,
          sayFailure: false,
        })
      }
    >
      <SpaceBetween size="m">
        <div>The newest revision of each source goes through the pipeline.</div>
        {error && <Failure error={error} />}
        {declared.map(({ name = '', defaultValue, description }) => (
          <FormField key={name} label={name} description={description}>
            <Input
              value={values[name] ?? ''}
              placeholder={defaultValue ?? ''}
              onChange={({ detail }) =>
                setValues(({ [name]: _, ...others }) =>
                  detail.value === '' ? others : { ...others, [name]: detail.value },
                )
              }
            />
          </FormField>
        ))}
        {sources.length > 0 && (
          <ExpandableSection headerText="Other revisions than the newest">
            <SpaceBetween size="s">
              {sources.map((action) => (
                <FormField
                  key={action.name}
                  label={`${action.name}: ${REVISION_TYPES[providerOf(action)]?.[1]}`}
                >
                  <Input
                    value={revisions[action.name ?? ''] ?? ''}
                    placeholder="The newest"
                    onChange={({ detail }) =>
                      setRevisions({ ...revisions, [action.name ?? '']: detail.value })
                    }
                  />
                </FormField>
              ))}
            </SpaceBetween>
          </ExpandableSection>
        )}
        <Command
          text={asCommand({ service: 'codepipeline', operation: 'StartPipelineExecution', input })}
        />
      </SpaceBetween>
    </Confirm>
  );
}
