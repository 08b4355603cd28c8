export { MAX_CHUNK_BYTES } from './chunk.ts';
export { ObjectClient } from './object-client.ts';
export { probeDirectRead, probeDirectWrite } from './file/direct-probe.ts';
export { openStore } from './open-store.ts';
export { credentialFacts } from './s3/credential-facts.ts';
export { describeS3Endpoint } from './s3/s3-endpoint.ts';
export { FastS3Store } from './s3/fast-s3-store.ts';
export { MAX_DELETE_KEYS } from './s3/operations/delete-objects.ts';
export { multipartSettings } from './s3/s3-options.ts';
export { s3ServerOf } from './s3/s3-server.ts';
export { signingSecrets } from './s3/sigv4/signing-secrets.ts';
export { SPEAKS_NO_TLS, tlsErrorMeaning } from './s3/tls-error.ts';
export { systemErrorMeaning } from './system-error.ts';
export { allocateTraffic } from './traffic/traffic-layout.ts';
export { mergeTraffic, TrafficReader } from './traffic/traffic-reader.ts';
export { StoreRequest } from './store-request.ts';

export type { DeleteFailures, DeleteRequest } from './s3/operations/delete-objects.ts';
export type {
  ListedVersion,
  ObjectVersions,
  VersionFailure,
  Versioning,
  VersionName,
} from './object-versions.ts';
export type { UnfinishedUpload } from './s3/operations/orphan-uploads.ts';
export type { ObjectStore, StoreOptions } from './object-store.ts';
export type { SystemErrorMeaning } from './system-error.ts';
export type { ByteRange, ListEntry, PayloadSource, StoreOperation } from './store-request.ts';
export type { MultipartSettings, PayloadProtection, S3Options } from './s3/s3-options.ts';
export type { TrafficMemory } from './traffic/traffic-layout.ts';
export type {
  AddressTraffic,
  EndpointTraffic,
  OperationTraffic,
} from './traffic/traffic-reader.ts';
export type { CredentialFacts } from './s3/credential-facts.ts';
export type { S3Server } from './s3/s3-server.ts';
export type { TlsSettings } from './s3/http/tls-options.ts';
