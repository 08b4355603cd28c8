type Variables = Readonly<Record<string, string | undefined>>;

/** Sets variables of this process, or removes them; returns what puts them back as they were. */
export function setEnvironment(variables: Variables): () => void {
  const before = Object.fromEntries(
    Object.keys(variables).map((name) => [name, process.env[name]] as const),
  );
  assign(variables);
  return () => assign(before);
}

function assign(variables: Variables): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
