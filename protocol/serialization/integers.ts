/** Two bytes as a number from 0 to 65535. Like all here without the checks that Buffer's methods make each time: for places whose bounds have been checked. */
export const readUint16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Two bytes as a signed number. */
export const readInt16 = (bytes: Uint8Array, at: number): number => (readUint16(bytes, at) << 16) >> 16;

/** Four bytes as a signed number. */
export const readInt32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0);

/** Writes a signed number as four bytes. */
export function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >> 24;
  target[at + 1] = value >> 16;
  target[at + 2] = value >> 8;
  target[at + 3] = value;
}
