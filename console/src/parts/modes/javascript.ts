export { javascript, json, typescript } from '@codemirror/legacy-modes/mode/javascript';
