import type { ComputeType } from '@aws-sdk/client-codebuild';
import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useState } from 'react';
import { Confirm } from '../../parts/confirm.tsx';
import { CodeField } from '../../parts/editor.tsx';
import { useStartBuild } from './start-build.ts';
import { emptied, type Overridden, overrides, type StartFrom } from './start-overrides.ts';
import { VariablesField } from './variables-field.tsx';

const SIZES = ['SMALL', 'MEDIUM', 'LARGE', 'XLARGE', '2XLARGE'].map((size) => ({
  value: `BUILD_GENERAL1_${size}`,
}));

const SPEC_WORDS = [
  ...['version', 'env', 'phases', 'install', 'pre_build', 'build', 'post_build', 'commands'],
  ...['finally', 'artifacts', 'files', 'base-directory', 'reports', 'cache', 'paths', 'variables'],
  ...['secrets-manager', 'parameter-store', 'exported-variables', 'on-failure', 'runtime-versions'],
];

/** Start with overrides. */
export function StartDialog({
  project,
  begin,
  close,
}: {
  /** What the project has, and what not to override therefore. */
  project: StartFrom;
  begin?: StartFrom;
  close: () => void;
}) {
  const { start } = useStartBuild();
  const [to, setTo] = useState(begin ?? project);
  const [debug, setDebug] = useState(false);
  const gone = emptied(project, to);
  const empty = (key: Overridden) =>
    gone.has(key) ? 'The project has one, and a build cannot go without: give another.' : undefined;
  const own = new Set(project.variables.map(({ name = '' }) => name));
  const change = (by: Partial<StartFrom>) => setTo((before) => ({ ...before, ...by }));
  const run = () => {
    const asked = overrides(project, to, debug);
    if (debug)
      asked.environmentVariablesOverride = [
        ...(asked.environmentVariablesOverride ?? []),
        { name: 'SLIPWAY_PAUSE_ON_FAILURE', value: 'true', type: 'PLAINTEXT' },
      ];
    return start(asked, { sayFailure: false });
  };
  return (
    <Confirm
      title={`Start a build of ${project.project}`}
      verb="Start build"
      act={run}
      ready={gone.size === 0}
      close={close}
      size="large"
    >
      <FormField
        label="Source version"
        description="A commit, branch or tag; of an S3 source a version of the object."
        errorText={empty('sourceVersion')}
      >
        <Input
          value={to.sourceVersion ?? ''}
          onChange={({ detail }) => change({ sourceVersion: detail.value })}
        />
      </FormField>
      <FormField
        label="Environment variables"
        description="Those of the project can be given another value, not taken out."
        stretch
      >
        <VariablesField
          items={to.variables}
          fixed={own}
          onChange={(variables) => change({ variables })}
        />
      </FormField>
      <Checkbox
        checked={debug}
        onChange={({ detail }) => setDebug(detail.checked)}
        description="A shell can be opened into it, and where a command fails it waits for codebuild-resume."
      >
        Keep the build when it fails
      </Checkbox>
      <ExpandableSection
        headerText="Environment"
        defaultExpanded={gone.has('image') || gone.has('timeout')}
      >
        <FormField label="Image" errorText={empty('image')}>
          <Input
            value={to.image ?? ''}
            onChange={({ detail }) => change({ image: detail.value })}
          />
        </FormField>
        <FormField label="Compute type">
          <Select
            selectedOption={to.computeType === undefined ? null : { value: to.computeType }}
            options={SIZES}
            onChange={({ detail }) =>
              change({ computeType: detail.selectedOption.value as ComputeType })
            }
          />
        </FormField>
        <FormField label="Timeout (minutes)" errorText={empty('timeout')}>
          <Input
            type="number"
            value={`${to.timeout ?? ''}`}
            onChange={({ detail }) => change({ timeout: Number(detail.value) || undefined })}
          />
        </FormField>
      </ExpandableSection>
      <ExpandableSection headerText="Buildspec" defaultExpanded={gone.has('buildspec')}>
        <CodeField
          label="Buildspec"
          language="yaml"
          height="40vh"
          words={SPEC_WORDS}
          value={to.buildspec ?? ''}
          errorText={empty('buildspec')}
          onChange={(buildspec) => change({ buildspec })}
        />
      </ExpandableSection>
    </Confirm>
  );
}
