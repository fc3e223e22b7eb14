import {
  CodeCommitClient,
  GetBranchCommand,
  GetFileCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useState } from 'react';
import { awsError } from '../../api/errors.ts';
import { useAct, useAws } from '../../api/use-aws.ts';
import { follow, go, href } from '../../app/router.ts';
import { CodeView } from '../../parts/code-view.tsx';
import { Failure } from '../../parts/failure.tsx';
import { flash, said } from '../../parts/flashes.ts';
import type { PageProps } from '../page.ts';
import { textOf } from './content.ts';
import { RepositoryFrame } from './frame.tsx';
import { browseFragment } from './links.tsx';
import { useAuthor } from './use-author.tsx';
import { fileAt } from './use-steps.ts';

/** What one edits stays as it was first read: a push meanwhile is refused by its parent, not overwritten. */
function useFirst<T>(data: T | undefined): T | undefined {
  const [first, setFirst] = useState(data);
  if (data && !first) setFirst(data);
  return first;
}

/** A file edited in the browser and committed to its branch. */
export default function Edit({ params }: PageProps<'name' | 'ref' | 'path'>) {
  const { name, ref, path } = params;
  const { data, error } = useAws(
    CodeCommitClient,
    new GetFileCommand({ repositoryName: name, commitSpecifier: ref, filePath: path }),
  );
  const first = useFirst(data);
  const text = first?.fileContent && textOf(first.fileContent);
  return (
    <RepositoryFrame name={name} tab="code" title={`Edit ${path}`} error={error}>
      {!first && !error && <Spinner />}
      {first && text === undefined && <Failure error={new Error('This file is not text.')} />}
      {first && text !== undefined && (
        <Editor {...{ name, branch: ref, path, text }} tip={first.commitId} mode={first.fileMode} />
      )}
    </RepositoryFrame>
  );
}

/** `/repository/NAME/create/BRANCH/--/FOLDER` */
export function CreateFile({ params: { name, ref, path } }: PageProps<'name' | 'ref' | 'path'>) {
  const { data, error } = useAws(
    CodeCommitClient,
    new GetBranchCommand({ repositoryName: name, branchName: ref }),
  );
  const first = useFirst(data);
  return (
    <RepositoryFrame name={name} tab="code" title="Create a file" error={error}>
      {first && (
        <Editor
          {...{ name, branch: ref, text: '' }}
          path={undefined}
          folder={path}
          tip={first.branch?.commitId}
        />
      )}
    </RepositoryFrame>
  );
}

interface EditorProps {
  name: string;
  branch: string;
  /** Undefined: a new one, whose name is asked for. */
  path: string | undefined;
  folder?: string;
  text: string;
  tip: string | undefined;
  mode?: 'EXECUTABLE' | 'NORMAL' | 'SYMLINK' | undefined;
}

function Editor({ name, branch, path, folder = '', text, tip, mode }: EditorProps) {
  const { act, busy } = useAct(CodeCommitClient);
  const [typed, setTyped] = useState(text);
  const [filePath, setFilePath] = useState(path ?? (folder === '' ? '' : `${folder}/`));
  const [message, setMessage] = useState('');
  const { author, email, fields } = useAuthor();
  const commit = async () => {
    try {
      // PutFile overwrites without a word: whoever creates is told of what is there.
      if (path === undefined && (await fileAt(name, tip ?? branch, filePath))) {
        const content = `${branch} has a file ${filePath} already: edit that, or choose another name.`;
        return flash({ type: 'error', content });
      }
    } catch (error) {
      const { code, message: content, requestId } = awsError(error);
      return flash({ type: 'error', header: code, content, requestId });
    }
    await act(
      new PutFileCommand({
        ...{ repositoryName: name, branchName: branch, filePath },
        ...{ parentCommitId: tip, name: author },
        fileContent: new TextEncoder().encode(typed),
        ...(mode !== undefined && { fileMode: mode }),
        ...(message !== '' && { commitMessage: message }),
        ...(email !== '' && { email }),
      }),
      { done: `${filePath} has been committed to ${branch}.` },
    );
    go({ service: 'codecommit', fragment: browseFragment(name, branch, filePath) });
  };
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{path ?? 'New file'}</Header>}>
        <SpaceBetween size="m">
          {path === undefined && (
            <FormField label="File name" description="With the folders that it lies in.">
              <Input
                value={filePath}
                onChange={({ detail }) => setFilePath(detail.value)}
                placeholder="src/app.ts"
              />
            </FormField>
          )}
          <CodeView path={filePath} text={text} label="Content of the file" onChange={setTyped} />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{`Commit changes to ${branch}`}</Header>}>
        <SpaceBetween size="m">
          {fields}
          <FormField label="Commit message - optional">
            <Input value={message} onChange={({ detail }) => setMessage(detail.value)} />
          </FormField>
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              href={href('codecommit', browseFragment(name, branch, path ?? folder))}
              onFollow={follow}
            >
              Cancel
            </Button>
            <Button
              variant="primary"
              loading={busy}
              disabled={
                filePath === '' || filePath.endsWith('/') || (path !== undefined && typed === text)
              }
              onClick={() => void commit().catch(said)}
            >
              Commit changes
            </Button>
          </SpaceBetween>
        </SpaceBetween>
      </Container>
    </SpaceBetween>
  );
}
