export { describeStoreUri } from './describe-store-uri.ts';
export { durabilityOf } from './durability.ts';
export { asDirectoryUri, isAbsoluteUri, joinUri, pathBelow } from './join-uri.ts';
export { makeDirectories } from './make-directories.ts';
export { isFileUri, parseStoreUri } from './store-uri.ts';

export type { Durability } from './durability.ts';
export type { DirectoryCalls } from './make-directories.ts';
export type { FileUri, NullUri, S3Uri, StoreUri } from './store-uri.ts';
