import { ownValue } from '../lib/own.ts';

/** What the C library calls them, and with it the official agent; Node has words of its own. */
const WORDS: Record<string, string> = {
  E2BIG: 'Argument list too long',
  EACCES: 'Permission denied',
  EAGAIN: 'Resource temporarily unavailable',
  EBUSY: 'Device or resource busy',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  EMLINK: 'Too many links',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENOENT: 'No such file or directory',
  ENOEXEC: 'Exec format error',
  ENOMEM: 'Cannot allocate memory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ESTALE: 'Stale file handle',
  ETXTBSY: 'Text file busy',
  EXDEV: 'Invalid cross-device link',
};

export const errorCode = (error: unknown): string =>
  String((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/** The C library's words for a system's error, or what the error says of itself. */
export function systemWords(error: unknown): string {
  const code = errorCode(error);
  return ownValue(WORDS, code) ?? (error as Error).message;
}

/** OpenSSL does not know who has signed the certificate. */
const UNKNOWN_CA = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
];

/** Why a server cannot be talked to, and what to do where its certificate is not trusted. */
export function connectionWords(error: unknown): string {
  const { message } = error as Error;
  if (!UNKNOWN_CA.includes(errorCode(error))) return message;
  return `${message}: give the server's ca.pem, from its data directory, by --ca`;
}

/**
 * Waits for work on a file; a system's error is thrown as the official agent reports it:
 * `File exists @ dir_s_mkdir - /srv/app`.
 * @param call what Ruby calls the function that fails
 */
export async function named<T>(call: string, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!Object.hasOwn(WORDS, errorCode(error))) throw error;
    throw new Error(`${systemWords(error)} @ ${call} - ${path}`, { cause: error });
  }
}
