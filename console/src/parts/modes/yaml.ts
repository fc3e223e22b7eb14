export { yaml } from '@codemirror/legacy-modes/mode/yaml';
