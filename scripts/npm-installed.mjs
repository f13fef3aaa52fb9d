// Exits 0 where node_modules holds what package-lock.json names, else 1. Runs on any Node: it decides whether npm
// has to bring ours.
import { existsSync, readFileSync } from 'node:fs';

const installedLock = 'node_modules/.package-lock.json';
if (!existsSync(installedLock) || !existsSync('node_modules/.bin/node')) process.exit(1);
const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
const installed = packagesOf(installedLock);
for (const [folder, { version, optional }] of Object.entries(packagesOf('package-lock.json'))) {
  if (folder === '') continue;
  // What is optional may belong to another platform.
  if (installed[folder] === undefined ? !optional : installed[folder].version !== version) process.exit(1);
}
