import type { ErrorCode } from '../base/error-codes.ts';
import { KernelscopeError } from '../base/kernelscope-error.ts';
import type { HelperFailure } from './parse-helper-output.ts';

/** What each error code of the helper means for the user; the codes are listed in src/bpf/loader.h. */
const meanings: Readonly<
  Record<string, { readonly code: ErrorCode; readonly suggestions: readonly string[] }>
> = {
  usage: { code: 'usage', suggestions: [] },
  no_btf: {
    code: 'cannot_trace',
    suggestions: [
      'tracing needs a kernel 5.8 or newer that was built with CONFIG_DEBUG_INFO_BTF=y, as those of the distributions are',
      'in a container, /sys must be that of the host',
    ],
  },
  permission: {
    code: 'permission_denied',
    suggestions: [
      'run as root: sudo kernelscope trace ...',
      'or in a systemd unit: AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_SYSLOG',
      'a container needs these capabilities in the user namespace of the host: docker run --privileged',
    ],
  },
  memlock: {
    code: 'permission_denied',
    suggestions: [
      'raise the limit: ulimit -l unlimited, or LimitMEMLOCK=infinity in a systemd unit',
      'or give the capability CAP_SYS_RESOURCE',
    ],
  },
  lockdown: {
    code: 'cannot_trace',
    suggestions: ['boot with lockdown=integrity, or without Secure Boot, to allow tracing'],
  },
};

/** Makes the user's error of the helper's. */
export function helperError(failure: HelperFailure): KernelscopeError {
  const meaning = meanings[failure.code] ?? { code: 'cannot_trace', suggestions: [] };
  return new KernelscopeError(meaning.code, failure.message.trimEnd(), { suggestions: meaning.suggestions });
}
