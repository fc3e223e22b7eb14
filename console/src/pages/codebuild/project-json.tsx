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
import { useDraft } from '../../parts/use-draft.ts';
import { projectInput, projectText } from './project-input.ts';

const CHANGED =
  'Somebody has changed the project since you began. Copy what you need, discard your changes, and begin from what is there now.';

/** The project as UpdateProject takes it. */
export function ProjectJson({ project }: { project: Project }) {
  const { act, busy } = useAct(CodeBuildClient);
  const { name = '' } = project;
  const { text, before, changed, type, discard } = useDraft(projectText(project));
  const [failure, setFailure] = useState<unknown>();
  const { input, problem, left } = projectInput(text, before, name);
  const save = async (asked: UpdateProjectCommandInput) => {
    setFailure(undefined);
    try {
      const { projects } = await askAws(
        CodeBuildClient,
        new BatchGetProjectsCommand({ names: [name] }),
      );
      const [there] = projects ?? [];
      if (!there || projectText(there) !== before) throw new Error(CHANGED);
      await act(new UpdateProjectCommand(asked), {
        done: `${name} is changed.`,
        sayFailure: false,
      });
      discard();
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
            <Button disabled={!changed} onClick={discard}>
              Discard changes
            </Button>
            <Button
              variant="primary"
              loading={busy}
              disabled={!changed || input === undefined}
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
