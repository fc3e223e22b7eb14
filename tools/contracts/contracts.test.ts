import { describe, expect, it } from 'vitest';
import { formatContract } from './format.ts';
import { reduceModel } from './reduce.ts';

const MODEL = {
  metadata: { apiVersion: '2020-01-01' },
  operations: {
    Put: { input: { shape: 'PutInput' } },
    List: { input: { shape: 'ListInput' }, output: { shape: 'Output' } },
    Ping: {},
  },
  shapes: {
    PutInput: {
      type: 'structure',
      required: ['Name'],
      members: {
        Name: { shape: 'Name' },
        Free: { shape: 'Free' },
        Node: { shape: 'Node' },
        Words: { shape: 'Words' },
      },
      documentation: '<p>prose</p>',
    },
    ListInput: { type: 'structure', members: { Free: { shape: 'Free' } } },
    Output: { type: 'structure', required: ['Name'], members: { Name: { shape: 'Name' } } },
    Name: { type: 'string', min: 1, pattern: '[a-z]+', documentation: 'prose' },
    Free: { type: 'string' },
    Node: { type: 'structure', members: { Next: { shape: 'Node' }, Names: { shape: 'Names' } } },
    Names: { type: 'list', member: { shape: 'Name' } },
    Words: { type: 'list', member: { shape: 'Free' } },
  },
};

describe('contracts', () => {
  const contract = reduceModel('letters', MODEL, 'input');

  it('keep the facts about inputs and nothing else', () => {
    expect(contract).toEqual({
      service: 'letters',
      apiVersion: '2020-01-01',
      operations: { Put: 'PutInput' },
      shapes: {
        Name: { type: 'string', min: 1, pattern: '[a-z]+' },
        Names: { type: 'list', member: 'Name' },
        Node: { type: 'structure', members: { Next: 'Node', Names: 'Names' } },
        PutInput: {
          type: 'structure',
          required: ['Name'],
          members: { Name: 'Name', Node: 'Node', Words: 'Words' },
        },
        Words: { type: 'list' },
      },
    });
  });

  it('of outputs keep the same of these', () => {
    const { operations, shapes } = reduceModel('letters', MODEL, 'output');
    expect(operations).toEqual({ List: 'Output' });
    expect(Object.keys(shapes)).toEqual(['Name', 'Output']);
  });

  it('are JSON with one shape a line', () => {
    const text = formatContract(contract);
    expect(JSON.parse(text)).toEqual(contract);
    expect(text.split('\n')).toContain('"Name": {"type":"string","min":1,"pattern":"[a-z]+"},');
  });
});
