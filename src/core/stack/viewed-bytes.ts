/** Bytes, to be read one or several at a time. */
export interface ViewedBytes {
  readonly bytes: Uint8Array;
  /** Over `bytes`. */
  readonly view: DataView;
}

/** Makes room for `size` bytes. */
export function viewedBytes(size: number): ViewedBytes {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}
