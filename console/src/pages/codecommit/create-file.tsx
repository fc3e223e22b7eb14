export { CreateFile as default } from './edit.tsx';
