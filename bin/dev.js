#!/usr/bin/env node
// Runs from the sources; needs the Node of the project (`npm run dev -- ARGS`).
import { fileURLToPath } from 'node:url';
import { main } from '../src/commands/main.ts';

await main(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
