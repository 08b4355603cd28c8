/**
 * Payloads are asked for, and files are read, in pieces of this size unless a store is opened with smaller ones: large
 * enough that the cost of a call does not count.
 */
export const MAX_CHUNK_BYTES = 4 * 1024 * 1024;
