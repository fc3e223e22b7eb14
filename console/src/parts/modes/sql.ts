export { standardSQL } from '@codemirror/legacy-modes/mode/sql';
