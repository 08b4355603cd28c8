/** Says something to the user. */
export type Notify = (level: 'info' | 'warn', text: string) => void;
