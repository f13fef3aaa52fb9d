import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Makes the text of src/core/render/svg-client.generated.ts: the script inside pictures, so that drawing reads no file. */
export async function genSvgClient(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/web/svg-client/main.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    write: false,
  });
  // The script stands in a CDATA section, which these three characters would end.
  const script = outputFiles[0]!.text.trim().replaceAll(']]>', ']]\\x3e');
  return `// Made by scripts/gen-svg-client.ts from src/web/svg-client; do not edit.\nexport const svgClient =\n  ${JSON.stringify(script)};\n`;
}
