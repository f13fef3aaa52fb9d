import { entryColumns, locateStore, openSource, printColumn } from '../../core/index.ts';
import { readToken, sourceFlags, storeChoice } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { type DescribedCategory, describeCategory } from './describe-category.ts';

export class CategoryList extends KernelscopeCommand {
  static override summary = 'List the categories that a database knows, with their columns.';
  static override flags = sourceFlags;

  async run(): Promise<readonly DescribedCategory[]> {
    const { flags } = await this.parse(CategoryList);
    const token = readToken(flags['token-file']);
    const source = await openSource(
      locateStore(storeChoice(flags), process.env),
      token === undefined ? {} : { token },
    );
    try {
      const categories = [...(await source.categories()).values()];
      const width = Math.max(...categories.map(({ name }) => name.length));
      for (const category of categories)
        this.log(`${category.name.padEnd(width)}  ${entryColumns(category).map(printColumn).join(' ')}`);
      return categories.map(describeCategory);
    } finally {
      await source.close();
    }
  }
}
