import { decodeBatch, openStore } from '../src/core/index.ts';

/** Makes a SQLite file with 200 records of off-CPU time, the same each time: what a small question is asked of. */
export async function makeSampleDatabase(file: string): Promise<void> {
  const store = await openStore({ backend: 'sqlite', address: file }, { create: true });
  try {
    await store.init();
    const text = JSON.stringify({
      hostname: 'sample',
      time: '2016-10-24 17:12:43.288693',
      labels: { kernel: 'v6.12' },
      offcputime: Array.from({ length: 200 }, (_, place) => ({
        process: `process${place % 10}`,
        pid: 1000 + place,
        stack: `entry_SYSCALL_64;do_syscall_64;__x64_sys_read;vfs_read;wait${place % 20};schedule`,
        elapsed: 1_000_000 + place * 1000,
      })),
    });
    await store.append([{ batch: decodeBatch(new TextEncoder().encode(text), await store.categories()) }]);
  } finally {
    await store.close();
  }
}
