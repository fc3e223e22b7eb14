export { powerShell } from '@codemirror/legacy-modes/mode/powershell';
