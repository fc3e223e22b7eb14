import {
  CodePipelineClient,
  GetPipelineCommand,
  type PipelineDeclaration,
  UpdatePipelineCommand,
} from '@aws-sdk/client-codepipeline';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { askAws, useAct, useAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { go } from '../../app/router.ts';
import { Command } from '../../parts/command.tsx';
import { CodeField } from '../../parts/editor.tsx';
import { Failure } from '../../parts/failure.tsx';
import { Page } from '../../parts/page.tsx';
import { useDraft } from '../../parts/use-draft.ts';
import type { PageProps } from '../page.ts';
import { parsed, words } from './definition.ts';
import { toPipeline } from './way.ts';

const CHANGED =
  'Somebody has changed the pipeline since you began. Copy what you need, undo all, and begin from what is there now.';

const definitionText = (pipeline: PipelineDeclaration | undefined) =>
  pipeline === undefined ? '' : JSON.stringify(pipeline, null, 2);

/** A pipeline's definition as JSON, as `aws codepipeline get-pipeline` writes it. */
export default function Edit({ params: { name } }: PageProps<'name'>) {
  const { data, error, refetch } = useAws(CodePipelineClient, new GetPipelineCommand({ name }));
  const { act, busy } = useAct(CodePipelineClient);
  const draft = useDraft(definitionText(data?.pipeline));
  const [failure, setFailure] = useState<unknown>();
  const { value, problem } = parsed(draft.text, name);
  const back = () => go({ fragment: fragmentOf('/view/:name', { name }) });
  const save = async () => {
    setFailure(undefined);
    try {
      const { pipeline: there } = await askAws(
        CodePipelineClient,
        new GetPipelineCommand({ name }),
      );
      if (definitionText(there) !== draft.before) {
        void refetch();
        throw new Error(CHANGED);
      }
      await act(new UpdatePipelineCommand({ pipeline: value as PipelineDeclaration }), {
        done: `Pipeline ${name} is changed.`,
        sayFailure: false,
      });
      back();
    } catch (refused) {
      setFailure(refused);
    }
  };
  return (
    <Page
      title="Edit"
      crumbs={toPipeline(name)}
      error={error}
      again={() => void refetch()}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={back}>
            Cancel
          </Button>
          <Button disabled={!draft.changed} onClick={draft.discard}>
            Undo all
          </Button>
          <Button
            variant="primary"
            loading={busy}
            disabled={!draft.changed || problem !== undefined}
            onClick={() => void save()}
          >
            Save
          </Button>
        </SpaceBetween>
      }
    >
      {failure !== undefined && <Failure error={failure} />}
      {data?.pipeline && (
        <Container>
          <SpaceBetween size="m">
            <CodeField
              label="Definition"
              language="json"
              value={draft.text}
              onChange={draft.type}
              words={words}
              errorText={problem}
            />
            <Command
              text={`aws codepipeline get-pipeline --name ${name} --query '{pipeline: pipeline}' > pipeline.json
aws codepipeline update-pipeline --cli-input-json file://pipeline.json`}
            />
          </SpaceBetween>
        </Container>
      )}
    </Page>
  );
}
