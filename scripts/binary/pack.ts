import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The version of pkg whose internals this file was written against. */
const PKG_VERSION = '6.23.0';

/** What goes into one executable. */
export interface PackJob {
  /** The Node executable to start from, stripped. */
  readonly nodePath: string;
  /** The script that runs first. */
  readonly mainScript: string;
  /** Asset name to the file that holds it. */
  readonly assets: Readonly<Record<string, string>>;
  readonly output: string;
}

/** The part of pkg's `lib-es5/sea.js` that is used: its simple SEA mode, which takes a Node executable as it is. */
type PackSea = (mainScript: string, options: object) => Promise<void>;

/**
 * Makes one executable by pkg's simple SEA mode. The public API would download Node and starts slower; see
 * docs/decisions/0002. Throws where another pkg than the pinned one is installed.
 */
export async function pack({ nodePath, mainScript, assets, output }: PackJob): Promise<void> {
  await loadPackSea()(mainScript, {
    nodePath,
    targets: [
      {
        nodeRange: `node${process.versions.node.split('.')[0]}`,
        platform: 'linux',
        arch: process.arch,
        output,
      },
    ],
    seaConfig: {
      assets,
      // NODE_OPTIONS is meant for Node, not for a program that happens to be made of it.
      execArgvExtension: 'none',
    },
  });
}

function loadPackSea(): PackSea {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(require.resolve('@yao-pkg/pkg/package.json'), 'utf8'));
  if (version !== PKG_VERSION) {
    throw new Error(
      `@yao-pkg/pkg is ${version}; scripts/binary/pack.ts uses internals of ${PKG_VERSION}: read them again, then change it`,
    );
  }
  const { default: packSea } = require('@yao-pkg/pkg/lib-es5/sea.js');
  if (typeof packSea !== 'function')
    throw new Error('@yao-pkg/pkg has no lib-es5/sea.js with a default function any more');
  return packSea;
}
