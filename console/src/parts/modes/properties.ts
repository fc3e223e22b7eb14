export { properties } from '@codemirror/legacy-modes/mode/properties';
