import type { Parcel } from '../elevation.ts';
import { addressOf, libc } from './libc.ts';

// x86-64: bits/socket.h, asm-generic/socket.h, linux/socket.h
const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;

/** Bytes of a message at most, and files that come with it. */
const maxMessage = 64 * 1024;
const maxFiles = 4;
const headerSize = 16; // struct cmsghdr { size_t len; int level, type }

/** Two connected sockets that keep messages apart. @throws Error */
export function makeSocketPair(): [number, number] {
  const pair = new Int32Array(2);
  if (libc().socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, addressOf(pair.buffer)) !== 0)
    throw new Error(`no socket pair (error ${libc().errno()})`);
  return [pair[0]!, pair[1]!];
}

/** Lets `receive` give up. @param seconds whole ones */
export function limitWaiting(fd: number, seconds: number): void {
  timeout.set([BigInt(seconds), 0n]);
  libc().setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, addressOf(timeout.buffer), timeout.byteLength);
}

/** @returns false when it could not be sent, as when nobody is there */
export function send(fd: number, { bytes, files }: Parcel): boolean {
  if (bytes.length > maxMessage || files.length > maxFiles) return false;
  data.set(bytes);
  const control = files.length === 0 ? 0 : headerSize + 4 * files.length;
  controlView.setBigUint64(0, BigInt(control), true);
  controlView.setInt32(8, SOL_SOCKET, true);
  controlView.setInt32(12, SCM_RIGHTS, true);
  files.forEach((file, i) => controlView.setInt32(headerSize + 4 * i, file, true));
  return libc().sendmsg(fd, describe(bytes.length, control), MSG_NOSIGNAL) === bytes.length;
}

/** Waits for a message. @returns null when nobody is there any more, or time is up */
export function receive(fd: number): Parcel | null {
  const length = libc().recvmsg(fd, describe(maxMessage, controlView.byteLength), MSG_CMSG_CLOEXEC);
  if (length <= 0) return null;
  const files: number[] = [];
  const used = Number(message[5]);
  if (used >= headerSize && controlView.getInt32(8, true) === SOL_SOCKET && controlView.getInt32(12, true) === SCM_RIGHTS) {
    const end = Math.min(Number(controlView.getBigUint64(0, true)), controlView.byteLength);
    for (let at = headerSize; at + 4 <= end; at += 4) files.push(controlView.getInt32(at, true));
  }
  return { bytes: Buffer.from(data.subarray(0, length)), files };
}

// These live as long as this module, so their addresses hold.
const timeout = new BigInt64Array(2);
const data = new Uint8Array(maxMessage);
const controlView = new DataView(new ArrayBuffer(headerSize + 4 * maxFiles));
/** struct iovec { void *base; size_t len } */
const vector = new BigUint64Array(2);
/** struct msghdr { name, namelen; iov, iovlen; control, controllen; flags } */
const message = new BigUint64Array(7);

function describe(length: number, control: number): number {
  vector.set([BigInt(addressOf(data)), BigInt(length)]);
  message.set([
    0n,
    0n,
    BigInt(addressOf(vector.buffer)),
    1n,
    control === 0 ? 0n : BigInt(addressOf(controlView.buffer)),
    BigInt(control),
    0n,
  ]);
  return addressOf(message.buffer);
}
