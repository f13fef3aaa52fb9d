import { defineCategory, KernelscopeError, parseColumn, prettyName, printable } from '../../core/index.ts';
import { askingContext, loadPrompts } from '../ask-user.ts';

const types = [
  { value: 'string', description: 'short text: names of processes, of devices' },
  { value: 'stack', description: 'a folded stack, root first' },
  { value: 'elapsed', description: 'a duration' },
  { value: 'int', description: 'a whole number: a count, an id, a size' },
  { value: 'timestamp', description: 'a time besides that of the record' },
];

/** Asks for a category's name, title and columns, and gives the words of `category add` that say the same. */
export async function askDeclaration(name: string | undefined): Promise<readonly string[]> {
  const { input, select, confirm } = await loadPrompts();
  const category =
    name ??
    (await input(
      {
        message: 'What is the category called?',
        required: true,
        validate: (text) =>
          whyNot(() => defineCategory({ name: text, prettyName: text, columns: [parseColumn('a:int')] })),
      },
      askingContext,
    ));
  const title = await input({ message: 'And to people?', default: prettyName(category) }, askingContext);
  const columns: string[] = [];
  do {
    const column = await input(
      {
        message: `Name of column ${columns.length + 1} (hostname and time are there already)?`,
        required: true,
        validate: (text) =>
          whyNot(() =>
            defineCategory({
              name: category,
              prettyName: title,
              columns: [...columns.map(parseColumn), parseColumn(`${text}:int`)],
            }),
          ),
      },
      askingContext,
    );
    const type = await select({ message: `What is in ${column}?`, choices: types }, askingContext);
    const units = ['us', 'ns', 'ms', 's'].map((value) => ({ value }));
    const unit =
      type === 'elapsed' ? await select({ message: 'In which unit?', choices: units }, askingContext) : '';
    const always = await confirm({ message: 'Does every record have it?', default: true }, askingContext);
    columns.push([column, type, unit, always ? '' : 'optional'].filter((part) => part !== '').join(':'));
  } while (await confirm({ message: 'One more column?', default: true }, askingContext));
  return [
    category,
    ...(title === prettyName(category) ? [] : ['--title', title]),
    ...columns.flatMap((column) => ['--column', column]),
  ];
}

function whyNot(check: () => unknown): true | string {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof KernelscopeError) return printable(error.message);
    throw error;
  }
}
