/** What stands between the frames of a program and those of the kernel. */
export const USER_SEPARATOR = '-';

/** The folded texts of a flush's stacks, root first. */
export interface StackTexts {
  /** Of the kernel, by the id of a stack; `[no stack]` where there is none. */
  readonly kernel: (id: string) => string;
  /** Of a program, by the id of a user stack; undefined for that of the kernel's own doing, and where none was asked for. */
  readonly user: (id: string | undefined) => string | undefined;
}

/** Puts the frames of a program, if there are any, before those of the kernel: `main;read;-;entry_SYSCALL_64;...`. */
export function wholeStack(user: string | undefined, kernel: string): string {
  return user === undefined ? kernel : `${user};${USER_SEPARATOR};${kernel}`;
}
