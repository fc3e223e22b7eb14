import { readFileSync } from 'node:fs';
import { makeApp } from './app.js';

const config = JSON.parse(readFileSync(new URL('../config.json', import.meta.url), 'utf8'));
const port = Number(process.env.PORT ?? 8080);
makeApp(config).listen(port, '127.0.0.1', () => console.log(`Listening on ${port}`));
