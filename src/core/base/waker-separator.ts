/** The frame between the stack of a blocked thread, root first, and that of its waker, leaf first. */
export const wakerSeparator = '--';
