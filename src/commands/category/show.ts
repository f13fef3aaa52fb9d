import * as Args from '@oclif/core/args';
import { printable } from '../../core/index.ts';
import { sourceFlags } from '../flags.ts';
import { KernelscopeCommand } from '../kernelscope-command.ts';
import { openCategory } from '../open-category.ts';
import { type DescribedCategory, describeCategory } from './describe-category.ts';

export class CategoryShow extends KernelscopeCommand {
  static override summary = 'Show the columns of a category; --json prints what category add --file takes.';
  static override examples = [
    '<%= config.bin %> category show offcputime',
    '<%= config.bin %> category show requests --json > requests.json',
  ];
  static override args = {
    name: Args.string({ description: 'Name of the category.', required: true }),
  };
  static override flags = sourceFlags;

  async run(): Promise<DescribedCategory> {
    const { args, flags } = await this.parse(CategoryShow);
    const { source, category } = await openCategory({ ...flags, category: args.name });
    await source.close();
    const described = describeCategory(category);
    this.log(`${described.name}: ${printable(described.prettyName)}`);
    const rows = described.columns.map(({ name, type, unit, optional, prettyName }) => [
      name,
      unit === undefined ? type : `${type}:${unit}`,
      `${printable(prettyName)}${optional ? ', optional' : ''}`,
    ]);
    const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
    for (const [name, type, title] of rows)
      this.log(`  ${name!.padEnd(widths[0]!)}  ${type!.padEnd(widths[1]!)}  ${title}`);
    return described;
  }
}
