import { userInfo } from 'node:os';

/*
 * A container may run as a user that no file there knows. Libraries look up the home and the shell of the user as soon as
 * they are loaded, and fail: such a user gets those that Docker gives. It must be loaded before them.
 */
const { HOME, SHELL } = process.env;
if ((HOME === undefined || SHELL === undefined) && !isKnown()) {
  process.env.HOME ??= '/';
  process.env.SHELL ??= '/bin/sh';
}

function isKnown(): boolean {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
}
