import type { EnvironmentVariable } from '@aws-sdk/client-codebuild';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { looksSecret, VARIABLE_TYPES } from './build-text.ts';

const TYPES = Object.entries(VARIABLE_TYPES).map(([value, label]) => ({ value, label }));

const NONE: ReadonlySet<string> = new Set();

/** Environment variables to edit. */
export function VariablesField({
  items,
  fixed = NONE,
  onChange,
}: {
  items: readonly EnvironmentVariable[];
  /** Names of those that can be given another value, not taken out. */
  fixed?: ReadonlySet<string>;
  onChange: (items: EnvironmentVariable[]) => void;
}) {
  const change = (index: number, by: Partial<EnvironmentVariable>) =>
    onChange(items.map((item, i) => (i === index ? { ...item, ...by } : item)));
  const isFixed = ({ name = '' }: EnvironmentVariable, index: number) =>
    fixed.has(name) && items.findIndex((item) => item.name === name) === index;
  return (
    <AttributeEditor<EnvironmentVariable>
      items={items}
      addButtonText="Add environment variable"
      removeButtonText="Remove"
      isItemRemovable={(item) => !isFixed(item, items.indexOf(item))}
      empty="No environment variables."
      onAddButtonClick={() => onChange([...items, { name: '', value: '', type: 'PLAINTEXT' }])}
      onRemoveButtonClick={({ detail }) => onChange(items.filter((_, i) => i !== detail.itemIndex))}
      definition={[
        {
          label: 'Name',
          control: (item, i) => (
            <Input
              value={item.name ?? ''}
              readOnly={isFixed(item, i)}
              ariaLabel={`Name of variable ${i + 1}`}
              onChange={({ detail }) => change(i, { name: detail.value })}
            />
          ),
        },
        {
          label: 'Value',
          control: (item, i) => (
            <Input
              value={item.value ?? ''}
              type={looksSecret(item) ? 'password' : 'text'}
              ariaLabel={`Value of variable ${i + 1}`}
              onChange={({ detail }) => change(i, { value: detail.value })}
            />
          ),
        },
        {
          label: 'Type',
          control: ({ type }, i) => (
            <Select
              selectedOption={TYPES.find(({ value }) => value === type) ?? null}
              options={TYPES}
              ariaLabel={`Type of variable ${i + 1}`}
              onChange={({ detail }) =>
                change(i, { type: detail.selectedOption.value as EnvironmentVariable['type'] })
              }
            />
          ),
        },
      ]}
    />
  );
}
