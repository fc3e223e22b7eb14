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
import type { PageProps } from '../page.ts';
import { parsed, words } from './definition.ts';
import { toPipeline } from './way.ts';

const CHANGED =
  'Somebody has changed the pipeline since you began. Copy what you need, undo all, and begin from what is there now.';

/** A pipeline's definition as JSON, as `aws codepipeline get-pipeline` writes it. */
export default function Edit({ params: { name } }: PageProps<'name'>) {
  const { data, error, refetch } = useAws(CodePipelineClient, new GetPipelineCommand({ name }));
  const { act, busy } = useAct(CodePipelineClient);
  const [text, setText] = useState<string>();
  /** What was there when the first letter was typed. */
  const [before, setBefore] = useState<string>();
  const [failure, setFailure] = useState<unknown>();
  const defined = data?.pipeline ? JSON.stringify(data.pipeline, null, 2) : undefined;
  const shown = text ?? defined;
  const { value, problem } = parsed(shown ?? '{}', name);
  const type = (next: string) => {
    if (text === undefined) setBefore(defined);
    setText(next);
  };
  const undo = () => setText(undefined);
  const back = () => go({ fragment: fragmentOf('/view/:name', { name }) });
  const save = async () => {
    setFailure(undefined);
    try {
      const { pipeline: there } = await askAws(
        CodePipelineClient,
        new GetPipelineCommand({ name }),
      );
      if (JSON.stringify(there, null, 2) !== before) {
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
          <Button disabled={text === undefined} onClick={undo}>
            Undo all
          </Button>
          <Button
            variant="primary"
            loading={busy}
            disabled={text === undefined || text === defined || problem !== undefined}
            onClick={() => void save()}
          >
            Save
          </Button>
        </SpaceBetween>
      }
    >
      {failure !== undefined && <Failure error={failure} />}
      {shown !== undefined && (
        <Container>
          <SpaceBetween size="m">
            <CodeField
              label="Definition"
              language="json"
              value={shown}
              onChange={type}
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
