/** The value of a field in the head of an answer; undefined when it has none. Not for the hot path. */
export function headerField(head: string, name: string): string | undefined {
  const match = new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r?$`, 'im').exec(head);
  return match?.[1];
}
