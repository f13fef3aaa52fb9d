import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  freePorts,
  installDataFolder,
  MARIADBD,
  type PrivateMariadb,
  runMariadb,
  serverArgs,
  withMysql,
} from './private-mariadb.ts';

const provider = ['/usr/lib/galera/libgalera_smm.so', '/usr/lib64/galera-4/libgalera_smm.so'].find(
  existsSync,
);

/** One server of a cluster. */
export interface GaleraNode extends PrivateMariadb {
  /** Starts a node that was killed, from what it had on disk; it gets what it missed from the others. */
  rejoin(): Promise<void>;
}

/** A Galera cluster on loopback. */
export interface GaleraCluster {
  readonly nodes: readonly GaleraNode[];
  stop(): Promise<void>;
}

/** Says why no cluster can be started here; undefined where one can. */
export function whyNoGalera(): string | undefined {
  return provider === undefined ? 'galera-4 is not installed' : undefined;
}

/** Starts a cluster of so many nodes, each with all data, each of which takes writes. */
export async function startGalera(size: number): Promise<GaleraCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'kernelscope-galera-'));
  const scripts = join(folder, 'scripts');
  mkdirSync(scripts);
  writeFileSync(join(scripts, TRANSFER_SCRIPT), transferScript(folder), { mode: 0o755 });
  const ports = await freePorts(size * 4);
  const plans = Array.from({ length: size }, (_, n): NodePlan => {
    const [port, groupPort, istPort, sstPort] = ports.slice(n * 4) as [number, number, number, number];
    return { folder: join(folder, `node-${n}`), port, groupPort, istPort, sstPort };
  });
  const start = (plan: NodePlan, isFirst: boolean) =>
    runMariadb(plan.folder, plan.port, nodeArgs(plan, plans), {
      firstArgs: isFirst ? ['--wsrep-new-cluster'] : [],
      path: scripts,
    });

  // The first node founds the cluster and stops in order; the others start as copies of it, so that none has to
  // transfer a whole database.
  const [founder, ...copies] = plans;
  installDataFolder(join(founder!.folder, 'data'));
  await (await start(founder!, true)).down();
  for (const copy of copies)
    cpSync(founder!.folder, copy.folder, {
      recursive: true,
      filter: (file) => !['galera.cache', 'gvwstate.dat'].includes(basename(file)),
    });
  const nodes: GaleraNode[] = [];
  for (const plan of plans) {
    const server = await start(plan, plan === founder);
    await untilSynced(server);
    const rejoin = async () => {
      await server.start([`--wsrep-start-position=${recoverPosition(plan, nodeArgs(plan, plans))}`]);
      await untilSynced(server);
    };
    nodes.push(Object.assign(server, { rejoin }));
  }
  return {
    nodes,
    stop: async () => {
      for (const node of nodes) await node.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where a node is to be. */
interface NodePlan {
  readonly folder: string;
  readonly port: number;
  readonly groupPort: number;
  readonly istPort: number;
  readonly sstPort: number;
}

function nodeArgs(plan: NodePlan, plans: readonly NodePlan[]): readonly string[] {
  const { groupPort, istPort, sstPort } = plan;
  const providerOptions = {
    base_port: groupPort,
    'gmcast.listen_addr': `tcp://127.0.0.1:${groupPort}`,
    'ist.recv_addr': `127.0.0.1:${istPort}`,
    'gcache.size': '64M',
  };
  return [
    '--innodb-buffer-pool-size=64M',
    '--innodb-autoinc-lock-mode=2',
    '--binlog-format=ROW',
    '--wsrep-on=ON',
    `--wsrep-provider=${provider}`,
    '--wsrep-cluster-name=kernelscope',
    `--wsrep-cluster-address=gcomm://${plans.map((other) => `127.0.0.1:${other.groupPort}`).join(',')}`,
    '--wsrep-node-address=127.0.0.1',
    `--wsrep-node-name=node-${plans.indexOf(plan)}`,
    `--wsrep-sst-method=${TRANSFER_SCRIPT.replace('wsrep_sst_', '')}`,
    `--wsrep-sst-receive-address=127.0.0.1:${sstPort}`,
    `--wsrep-provider-options=${Object.entries(providerOptions)
      .map(([name, value]) => `${name}=${value}`)
      .join(';')}`,
  ];
}

const TRANSFER_SCRIPT = 'wsrep_sst_missed_writes';

/**
 * What the server runs at both ends when a node joins. That node gets the writes that it missed from the other's cache,
 * server to server, and all that is left to do is to tell it up to which one. A node that missed more than the cache
 * holds would need a copy of everything: here it fails.
 */
function transferScript(folder: string): string {
  return `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --role) role=$2; shift ;;
    --address) address=$2; shift ;;
    --gtid) position=$2; shift ;;
    --bypass) bypass=yes ;;
  esac
  shift
done
told=${folder}/told-$(echo "$address" | tr -c '0-9\n' '-')
case $role in
  joiner)
    rm -f "$told"
    echo "ready $address"
    until [ -e "$told" ]; do sleep 0.1; done
    cat "$told" ;;
  donor)
    [ "$bypass" = yes ] || exit 1
    echo "$position" >"$told.part"
    mv "$told.part" "$told"
    echo "done $position" ;;
esac
`;
}

/** Resolves when a node has all data and takes writes. */
async function untilSynced(server: PrivateMariadb): Promise<void> {
  for (;;) {
    const [state] = await withMysql(server.url(''), (ask) =>
      ask("SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'"),
    );
    if (state?.[1] === 'Synced') return;
    await delay(100);
  }
}

/** Asks a killed node's data how far they got: the identity of the cluster, and the number of the last write. */
function recoverPosition({ folder, port }: NodePlan, args: readonly string[]): string {
  const { stderr } = spawnSync(MARIADBD, [...serverArgs(folder, port), ...args, '--wsrep-recover'], {
    stdio: 'pipe',
    encoding: 'utf8',
  });
  const match = /Recovered position: ([-0-9a-f]+:\d+)/.exec(stderr);
  if (match === null) throw new Error(`no position could be recovered:\n${stderr}`);
  return match[1]!;
}
