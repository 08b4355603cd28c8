/** Where a path leads, without symbolic links; or why nobody can tell. */
export type FoundPlace =
  | { readonly path: string; readonly place: string }
  | { readonly path: string; readonly why: string };
