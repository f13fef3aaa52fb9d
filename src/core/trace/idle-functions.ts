/**
 * Kernel functions that a thread sleeps in when it has nothing to do: the innermost frame outside of the scheduler. A
 * kernel worker that waits for work sleeps in `worker_thread`; one that waits for a disk does not. Names that a kernel
 * does not have are passed over. A thread of a program in `do_epoll_wait` is not here: what it waits for may be slow.
 */
export const idleFunctions: readonly string[] = [
  // Work queues, per-CPU threads, threaded interrupts, and the thread that starts all others.
  'worker_thread',
  'rescuer_thread',
  'smpboot_thread_fn',
  'kthread_worker_fn',
  'irq_thread',
  'irq_wait_for_interrupt',
  'kthreadd',
  // Read-copy-update between two grace periods, and while it waits for one to pass.
  'rcu_gp_kthread',
  'rcu_gp_fqs_loop',
  'rcu_gp_init',
  'rcu_tasks_kthread',
  'rcu_tasks_one_gp',
  'rcu_nocb_gp_kthread',
  'rcu_nocb_cb_kthread',
  'nocb_cb_wait',
  'nocb_gp_wait',
  'rcu_boost_kthread',
  // Memory.
  'kswapd',
  'kswapd_try_to_sleep',
  'kcompactd',
  'khugepaged',
  'ksm_scan_thread',
  'oom_reaper',
  'damon_sleep',
  // File systems and disks.
  'kjournald2',
  'jbd2_journal_start_thread',
  'transaction_kthread',
  'cleaner_kthread',
  'xfsaild',
  'io_sq_thread',
  'io_wq_worker',
  'scsi_error_handler',
  'md_thread',
  'dmcrypt_write',
  // The rest.
  'kauditd_thread',
  'devtmpfs_work_loop',
  'devtmpfsd',
  'hwrng_fillfn',
  'hub_thread',
  'watchdog',
  'psi_rtpoll_worker',
  'balance_kthread',
  'svc_recv',
  'svc_get_next_xprt',
];
