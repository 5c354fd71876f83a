/** True for the names of this machine that no other machine reaches. */
export function isLoopbackAddress(address: string): boolean {
  return /^(localhost|\[?::1\]?|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address);
}
