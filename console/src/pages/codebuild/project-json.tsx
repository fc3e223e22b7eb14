import {
  BatchGetProjectsCommand,
  CodeBuildClient,
  type Project,
  UpdateProjectCommand,
  type UpdateProjectCommandInput,
} from '@aws-sdk/client-codebuild';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { askAws, useAct } from '../../api/use-aws.ts';
import { CodeField } from '../../parts/editor.tsx';
import { Failure } from '../../parts/failure.tsx';
import { projectInput, projectText } from './project-input.ts';

const CHANGED =
  'Somebody has changed the project since you began. Copy what you need, discard your changes, and begin from what is there now.';

/** The project as UpdateProject takes it. */
export function ProjectJson({ project }: { project: Project }) {
  const { act, busy } = useAct(CodeBuildClient);
  const { name = '' } = project;
  const now = projectText(project);
  const [typed, setTyped] = useState<{ text: string; before: string }>();
  const [failure, setFailure] = useState<unknown>();
  const text = typed?.text ?? now;
  const { input, problem, left } = projectInput(text, typed?.before ?? now, name);
  const type = (next: string) => setTyped({ text: next, before: typed?.before ?? now });
  const save = async (asked: UpdateProjectCommandInput) => {
    setFailure(undefined);
    try {
      const { projects } = await askAws(
        CodeBuildClient,
        new BatchGetProjectsCommand({ names: [name] }),
      );
      const [there] = projects ?? [];
      if (!there || projectText(there) !== typed?.before) throw new Error(CHANGED);
      await act(new UpdateProjectCommand(asked), {
        done: `${name} is changed.`,
        sayFailure: false,
      });
      setTyped(undefined);
    } catch (refused) {
      setFailure(refused);
    }
  };
  return (
    <Container>
      <SpaceBetween size="s">
        <CodeField
          label="What UpdateProject is given"
          language="json"
          value={text}
          onChange={type}
          errorText={problem}
        />
        {left.length > 0 && (
          <Alert type="info">
            What is taken out stays as it was: {left.join(', ')}. To empty a member, give it an
            empty value.
          </Alert>
        )}
        {failure !== undefined && <Failure error={failure} />}
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={text === now} onClick={() => setTyped(undefined)}>
              Discard changes
            </Button>
            <Button
              variant="primary"
              loading={busy}
              disabled={text === now || input === undefined}
              onClick={() => input && void save(input)}
            >
              Save
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </Container>
  );
}
