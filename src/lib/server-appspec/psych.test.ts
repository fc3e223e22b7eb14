import { expect, test } from 'vitest';
import { loadYaml } from './psych.ts';
import { className, inspect, type RubyValue, toText } from './ruby.ts';

/** Kind and value, as Ruby shows them; recorded from Psych 4.0.3, the official agent's. */
const shown = (value: RubyValue) => `${className(value)} ${inspect(value)}`;

test.each([
  ['010', 'Integer 8'],
  ['08', 'String "08"'],
  ['0o644', 'String "0o644"'],
  ['+5', 'Integer 5'],
  ['1_000', 'Integer 1000'],
  ['1,000', 'Integer 1000'],
  ['1__0', 'String "1__0"'],
  ['0b101', 'Integer 5'],
  ['-0x1F', 'Integer -31'],
  ['100000000000000000000', 'Integer 100000000000000000000'],
  ['12:30', 'Integer 45000'],
  ['190:20:30', 'Integer 685230'],
  ['12:60', 'String "12:60"'],
  ['1e3', 'String "1e3"'],
  ['1.5e3', 'String "1.5e3"'],
  ['1.5e+3', 'Float 1500.0'],
  ['1.10', 'Float 1.1'],
  ['1.', 'Float 1.0'],
  ['.5', 'Float 0.5'],
  ['-0.0', 'Float -0.0'],
  ['1.0e+20', 'Float 1.0e+20'],
  ['0.00001', 'Float 1.0e-05'],
  ['.inf', 'Float Infinity'],
  ['.NaN', 'Float NaN'],
  ['.', 'String "."'],
  ['..', 'String ".."'],
  ['.env', 'String ".env"'],
  ['1.2.3', 'String "1.2.3"'],
  ['yes', 'TrueClass true'],
  ['Off', 'FalseClass false'],
  ['y', 'String "y"'],
  ['~', 'NilClass nil'],
  ['null', 'NilClass nil'],
  ['', 'NilClass nil'],
  [':name', 'Symbol :name'],
  ['"010"', 'String "010"'],
  ["'yes'", 'String "yes"'],
  ['!!str 5', 'String "5"'],
  ['!!float 5', 'Float 5.0'],
  ['!!int "5"', 'Integer 5'],
  ['! 5', 'Integer 5'],
  ['{a: 1, a: 2, b: [x]}', 'Hash {"a"=>2, "b"=>["x"]}'],
  ['{a: 2, <<: {a: 1, b: 1}}', 'Hash {"a"=>1, "b"=>1}'],
  ['{<<: [{a: 1}, {a: 2, b: 2}]}', 'Hash {"a"=>1, "b"=>2}'],
  ['{<<: 5}', 'Hash {"<<"=>5}'],
])('CD-SPC: %j is %s', (text, wanted) => {
  expect(shown(loadYaml(text))).toBe(wanted);
});

test.each([
  ['2020-01-01', 'Tried to load unspecified class: Date'],
  ['2020-01-01T10:00:00Z', 'Tried to load unspecified class: Time'],
  ['[&a 1, *a]', 'Unknown alias: a'],
  ['*a', 'Unknown alias: a'],
  ['!ruby/object:Foo {}', 'Tried to load unspecified class: Foo'],
  ['*.jar', 'did not find expected alphabetic or numeric character'],
])('CD-SPC: %j is refused: %s', (text, message) => {
  expect(() => loadYaml(text)).toThrow(message);
});

test('the text of a value', () => {
  const texts = ['~', 'yes', '1.0', '"a"', ':a', '[a, 1]', '{a: ~}'].map((text) =>
    toText(loadYaml(text)),
  );
  expect(texts).toEqual(['', 'true', '1.0', 'a', 'a', '["a", 1]', '{"a"=>nil}']);
});
