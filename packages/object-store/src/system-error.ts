import type { ErrorClass } from '@sai3bench/errors';

/** What an error code of the operating system means for a benchmark. */
export interface SystemErrorMeaning {
  readonly class: ErrorClass;
  readonly hint?: string;
}

const START_SERVER =
  'check the address, and that the server is running and reachable from this host';

const REMOTE_FAILED = 'the server of the file system reports an error: see its log';
const DEVICE_GONE =
  'the device of the file system is gone: see the kernel log, and check the mount';

const MEANINGS: Readonly<Record<string, SystemErrorMeaning>> = {
  ECONNREFUSED: { class: 'network', hint: START_SERVER },
  ECONNRESET: { class: 'network', hint: 'the server closed the connection; see its log' },
  EPIPE: { class: 'network', hint: 'the server closed the connection; see its log' },
  EHOSTUNREACH: { class: 'network', hint: START_SERVER },
  EHOSTDOWN: { class: 'network', hint: START_SERVER },
  ENONET: { class: 'network', hint: START_SERVER },
  ENETUNREACH: { class: 'network', hint: START_SERVER },
  ETIMEDOUT: { class: 'timeout', hint: START_SERVER },
  ENOTFOUND: {
    class: 'network',
    hint: 'the name cannot be resolved: check it, or the DNS settings',
  },
  EAI_AGAIN: { class: 'network', hint: 'the name server does not answer: check the DNS settings' },
  EADDRNOTAVAIL: {
    class: 'resource',
    hint: 'all local ports are in use: lower concurrency, keep connections, or widen net.ipv4.ip_local_port_range; a local_address must be one of this host',
  },
  EMFILE: { class: 'resource', hint: 'too many open files: raise the limit with ulimit -n' },
  ENFILE: { class: 'resource', hint: 'the system is out of file handles: raise fs.file-max' },
  ENOMEM: { class: 'resource', hint: 'the host is out of memory' },
  ENOSPC: { class: 'resource', hint: 'the file system is full: free space, or write less' },
  EDQUOT: { class: 'resource', hint: 'the quota is used up: raise it, or write less' },
  EACCES: {
    class: 'permission',
    hint: 'give the user that runs the agent permission on this path',
  },
  EPERM: { class: 'permission', hint: 'the operation is not allowed on this path' },
  EROFS: { class: 'permission', hint: 'the file system is mounted read-only' },
  ENOENT: { class: 'not-found' },
  ENOTDIR: { class: 'config', hint: 'a part of the path is a file, not a directory' },
  EISDIR: { class: 'config', hint: 'the path is a directory, not a file' },
  EEXIST: { class: 'config', hint: 'something else has this name: look at what it is' },
  ENOTEMPTY: { class: 'config', hint: 'something else is in the directory: look at what it is' },
  ENAMETOOLONG: { class: 'config', hint: 'the file name is too long for this file system' },
  EIO: { class: 'server', hint: 'the device reports an error: see the kernel log' },
  EREMOTEIO: { class: 'server', hint: REMOTE_FAILED },
  EPROTO: { class: 'server', hint: REMOTE_FAILED },
  ENOTCONN: {
    class: 'server',
    hint: 'what serves the file system is gone: see its log, and mount it again',
  },
  ESHUTDOWN: {
    class: 'server',
    hint: 'the file system was shut down after an error: see the kernel log, and mount it again',
  },
  ENODEV: { class: 'server', hint: DEVICE_GONE },
  ENXIO: { class: 'server', hint: DEVICE_GONE },
  ESTALE: { class: 'server', hint: 'the network file system lost the file: check the mount' },
};

/** The meaning of an error's code, looking into its causes; undefined for codes that are not known. */
export function systemErrorMeaning(
  error: unknown,
): (SystemErrorMeaning & { readonly code: string }) | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    const { cause, code, errors } = current as {
      cause?: unknown;
      code?: unknown;
      errors?: readonly unknown[];
    };
    const meaning = typeof code === 'string' ? MEANINGS[code] : undefined;
    if (meaning !== undefined) return { ...meaning, code: String(code) };
    current = cause ?? errors?.[0];
  }
  return undefined;
}
