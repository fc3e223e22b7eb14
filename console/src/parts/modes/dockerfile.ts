export { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile';
