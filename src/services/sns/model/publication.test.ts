import { expect, test } from 'vitest';
import { readPublication } from './publication.ts';
import type { Topic } from './topic.ts';

// Answers of AWS.
test.each([
  ['a'.repeat(257), 'Length of message attribute name must be less than 256 bytes.'],
  [
    'a^b',
    "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
  ],
  ['.ab', "Invalid message attribute name starting with character '.' was found."],
  ['ab.', "Invalid message attribute name ending with character '.' was found."],
  ['a..b', "Message attribute name can not have successive '.' character."],
])('no message has an attribute %s', (name, message) => {
  const MessageAttributes = { [name]: { DataType: 'String', StringValue: 'x' } };
  const read = () => readPublication({ Message: 'm', MessageAttributes }, {} as Topic);
  expect(read).toThrow(
    expect.objectContaining({ name: 'InvalidParameterValueException', message }),
  );
});
