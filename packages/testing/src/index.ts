export { AUTHORITY } from './authority.ts';
export { CERTIFICATE } from './certificate.ts';
export { startChild } from './child.ts';
export { freePort } from './free-port.ts';
export { startS3rver } from './s3rver.ts';
export { TcpProxy } from './tcp-proxy.ts';
export { temporaryDirectory } from './temporary-directory.ts';

export type { TestCertificate } from './authority.ts';
export type { Child } from './child.ts';
export type { LinkSpeed } from './proxied-flow.ts';
export type { S3Server } from './s3rver.ts';
export type { TemporaryDirectory } from './temporary-directory.ts';
