/** What a call of the file system ended with. */
export type SystemError = NodeJS.ErrnoException | null;
