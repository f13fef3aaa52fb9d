import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {
  type Category,
  categoriesOnDemand,
  defineCategory,
  KernelscopeError,
  locateStore,
  makeDefaultFolder,
  openStore,
  parseColumn,
  prettyName,
  readDeclaration,
} from '../../core/index.ts';
import { requireAsking, sayCommandLine } from '../ask-user.ts';
import { databaseFlags, storeChoice } from '../flags.ts';
import { askDeclaration } from '../interactive/ask-declaration.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';

export class CategoryAdd extends KernelscopeCommand {
  static override summary = 'Declare a new type of data; services that run know it at once.';
  static override description =
    'Types are string, timestamp, int, stack and elapsed, which takes a unit: ns, us, ms or s, us without one. hostname and time are in every category and are not declared. Declaring the same once more changes nothing. The categories of trace programs, such as oncpu, are known and take no columns: a database gets them with their first records, unless the account that stores these may not make tables.';
  static override examples = [
    '<%= config.bin %> category add requests --column process:string --column latency:elapsed:us',
    '<%= config.bin %> category add forks --column parent:string --column stack:stack --column count:int',
    '<%= config.bin %> category add --file requests.json',
    '<%= config.bin %> category add oncpu',
  ];
  static override args = {
    name: Args.string({
      description: 'Name of the category: lower-case letters, digits and _.',
      // What is on stdin is a declaration, not a name.
      ignoreStdin: true,
    }),
  };
  static override flags = {
    column: Flags.string({
      summary: 'Column, as NAME:TYPE, NAME:elapsed:UNIT or NAME:TYPE:optional; may be repeated.',
      helpValue: 'COLUMN',
      multiple: true,
      multipleNonGreedy: true,
      exclusive: ['file'],
    }),
    interactive: Flags.boolean({
      char: 'i',
      summary: 'Ask for name and columns, on a terminal; say how they are written.',
      exclusive: ['column', 'file', 'title'],
    }),
    title: Flags.string({ summary: 'Name that people read; made of the name without it.' }),
    file: Flags.string({
      summary: 'JSON file with the declaration: {"name", "prettyName", "columns": [...]}; - for stdin.',
      helpValue: 'FILE',
    }),
    ...databaseFlags,
  };

  async run(): Promise<{ readonly name: string; readonly created: boolean }> {
    const { args, flags } = await this.#parsed();
    const category =
      flags.file === undefined
        ? fromFlags(args.name, flags)
        : await fromFile(flags.file, args.name, flags.title);
    const location = locateStore(storeChoice(flags), process.env);
    makeDefaultFolder(location);
    const store = await openStore(location, { create: location.isDefault });
    try {
      if (location.isDefault) await store.init();
      const { created } = await store.addCategory(category);
      this.log(`${category.name} ${created ? 'is declared' : 'was declared already'} in ${store.location}`);
      return { name: category.name, created };
    } finally {
      await store.close();
    }
  }

  async #parsed() {
    const parsed = await this.parse(CategoryAdd);
    if (!parsed.flags.interactive) return parsed;
    requireAsking('category add -i', 'say it in flags: kernelscope category add --help');
    const interactive = ['-i', '--interactive', parsed.args.name];
    const said = this.argv.filter((word) => !interactive.includes(word));
    const words = [...(await askDeclaration(parsed.args.name)), ...said];
    sayCommandLine(['category', 'add', ...words]);
    return this.parse(CategoryAdd, words);
  }
}

function fromFlags(
  name: string | undefined,
  { column, title }: { readonly column?: readonly string[] | undefined; readonly title?: string | undefined },
): Category {
  const known = categoriesOnDemand.find((category) => category.name === name);
  if (known !== undefined && column === undefined && title === undefined) return known;
  if (name === undefined || column === undefined) {
    throw new KernelscopeError('usage', `a category needs ${name === undefined ? 'a name' : 'columns'}`, {
      suggestions: [
        'say kernelscope category add requests --column process:string --column latency:elapsed:us',
      ],
    });
  }
  return defineCategory({ name, prettyName: title ?? prettyName(name), columns: column.map(parseColumn) });
}

async function fromFile(
  file: string,
  name: string | undefined,
  title: string | undefined,
): Promise<Category> {
  let json: unknown;
  try {
    json = JSON.parse(await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')));
  } catch (error) {
    throw new KernelscopeError('bad_input', `${file} cannot be read as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const said = { ...(name !== undefined && { name }), ...(title !== undefined && { prettyName: title }) };
  // Whatever is no object is left to the reader of declarations to refuse.
  return readDeclaration(json instanceof Object && !Array.isArray(json) ? { ...json, ...said } : json);
}
