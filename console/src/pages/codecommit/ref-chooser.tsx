import { CodeCommitClient, ListBranchesCommand } from '@aws-sdk/client-codecommit';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import { useEffect, useState } from 'react';
import { useAwsPages } from '../../api/use-aws.ts';

export function useBranches(repositoryName: string) {
  const { data, ...rest } = useAwsPages(
    CodeCommitClient,
    (nextToken) => new ListBranchesCommand({ repositoryName, nextToken }),
    ({ nextToken }) => nextToken,
  );
  return { ...rest, branches: data?.flatMap(({ branches = [] }) => branches) };
}

/** A branch out of those there are, or a tag or commit by its name. */
export function RefChooser({
  repositoryName,
  value,
  onChoose,
  label = 'Branch, tag or commit',
}: {
  repositoryName: string;
  value: string;
  onChoose: (ref: string) => void;
  label?: string;
}) {
  const { branches = [], isPending } = useBranches(repositoryName);
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <Autosuggest
      ariaLabel={label}
      value={typed}
      placeholder="Branch, tag or commit ID"
      onChange={({ detail }) => setTyped(detail.value)}
      onSelect={({ detail }) => onChoose(detail.value)}
      onBlur={() => setTyped(value)}
      // What is chosen is no filter: all branches show until one types.
      filteringType={typed === value ? 'manual' : 'auto'}
      statusType={isPending ? 'loading' : 'finished'}
      loadingText="Loading branches"
      enteredTextLabel={(text) => `Tag or commit ${text}`}
      options={branches.map((branch) => ({ value: branch }))}
      empty="There is no branch yet"
    />
  );
}
