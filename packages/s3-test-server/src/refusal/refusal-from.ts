import { Refusal } from './refusal.ts';

/** Anything thrown while a request is looked at or carried out, as the error that is answered. */
export function refusalFrom(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return new Refusal('InvalidURI');
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Refusal('InternalError', { message });
}
