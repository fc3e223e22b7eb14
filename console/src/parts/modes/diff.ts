export { diff } from '@codemirror/legacy-modes/mode/diff';
