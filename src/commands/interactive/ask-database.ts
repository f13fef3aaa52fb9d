import { askingContext, loadPrompts } from '../ask-user.ts';

/** Asks where a database is to be, and gives the flags that say the same; the password is apart, for it is not shown. */
export async function askDatabase(
  defaultFile: string,
): Promise<{ readonly words: readonly string[]; readonly password?: string }> {
  const { input, password, select } = await loadPrompts();
  const kind = await select(
    {
      message: 'Where are records to be kept?',
      choices: [
        { name: `SQLite, in ${defaultFile}`, value: 'default' },
        { name: 'SQLite, in another file', value: 'file' },
        { name: 'MySQL or MariaDB', value: 'mysql' },
      ],
    },
    askingContext,
  );
  if (kind === 'default') return { words: [] };
  if (kind === 'file') {
    const file = await input(
      { message: 'Which file?', default: 'kernelscope.db', required: true },
      askingContext,
    );
    return { words: ['--sqlite', file] };
  }
  const host = await input({ message: 'Which server?', default: 'localhost', required: true }, askingContext);
  const user = await input(
    { message: 'As which user?', default: 'kernelscope', required: true },
    askingContext,
  );
  const secret = await password(
    { message: 'With which password? Nothing for none.', mask: true },
    askingContext,
  );
  const name = await input(
    { message: 'In which database?', default: 'kernelscope', required: true },
    askingContext,
  );
  const words = ['--mysql', host, '--dbuser', user, '--dbname', name];
  return secret === '' ? { words } : { words, password: secret };
}
