import { builtInCategories, createStatements, dialects } from '../src/core/index.ts';

/** Makes the text of sql/<dialect>.sql: the same statements that \`db init\` runs, for the database's own client. */
export async function genSql(name: keyof typeof dialects): Promise<string> {
  const statements = createStatements(builtInCategories, dialects[name]);
  const head = [
    `-- Sets up a kernelscope database by ${name === 'sqlite' ? 'sqlite3 kernelscope.db < sql/sqlite.sql' : 'mysql kernelscope < sql/mysql.sql'}`,
    '-- Made by npm run gen from the same definitions that kernelscope db init runs; running it again does nothing.',
  ];
  return `${head.join('\n')}\n\n${statements.map((statement) => `${statement};`).join('\n\n')}\n`;
}
