/** How S3 is talked to. */
export interface S3Access {
  readonly transport: 'fast' | 'sdk';
  readonly addressing?: 'path' | 'virtual-host' | undefined;
  /** What of a body is protected: nothing, by its hash in the signature, or by a checksum behind it. */
  readonly payload: 'unsigned' | 'signed' | 'crc32c' | 'crc64nvme' | 'sha256';
  readonly region?: string | undefined;
  readonly keepAlive: boolean;
  readonly localAddress?: string | undefined;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly multipart?: S3Multipart | undefined;
  readonly tls?: S3Tls | undefined;
}

/** Which objects are written in parts, and how. */
export interface S3Multipart {
  /** Objects of more than this many bytes. */
  readonly thresholdBytes: number;
  readonly partBytes: number;
  /** Parts of an object that are under way at once. */
  readonly parallel: number;
}

/** How an S3 server's identity is checked, and how the agent shows its own. Paths of files on the agent's host. */
export interface S3Tls {
  readonly caPath?: string | undefined;
  readonly certPath?: string | undefined;
  readonly keyPath?: string | undefined;
  readonly servername?: string | undefined;
  readonly insecure: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
}
