import { ObjectClient } from '../object-client.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ListedVersion } from '../object-versions.ts';
import { FastS3Store } from '../s3/fast-s3-store.ts';
import type { PayloadProtection } from '../s3/s3-options.ts';
import type { ConformanceServer, Exceptions } from './conformance-server.ts';
import { content, md5 } from './content.ts';
import { type Driver, openDriver } from './driver.ts';

const FRAMES = 'stores the frames of bodies in chunks as if they were content';

/** A driver with a way to protect the bodies that it sends. */
export interface PayloadMode {
  readonly driver: Driver;
  readonly payload?: PayloadProtection;
  readonly except?: Exceptions;
}

/** Every way to send a body. The SDK has one: it signs over http, and over https it does not. */
export const PAYLOAD_MODES: readonly PayloadMode[] = [
  { driver: 'fast', payload: 'unsigned' },
  { driver: 'fast', payload: 'signed', except: { s3rver: FRAMES } },
  { driver: 'fast', payload: 'crc32c', except: { s3rver: FRAMES } },
  { driver: 'fast', payload: 'crc64nvme', except: { s3rver: FRAMES } },
  { driver: 'fast', payload: 'sha256', except: { s3rver: FRAMES } },
  { driver: 'sdk' },
];

/** Something that a body is sent for. */
export interface PayloadCase {
  readonly does: string;
  /** The SDK driver has nothing beyond the interface of a store. */
  readonly drivers: readonly Driver[];
  readonly run: (store: ObjectStore, server: ConformanceServer) => Promise<unknown>;
  readonly answer: unknown;
  readonly except?: Exceptions;
}

const KIB = 1024;
/** Around the sizes of buffers and of the pieces in which bodies are sent. */
const SIZES = [0, 1, 4_096, 64 * KIB + 1, 512 * KIB, 512 * KIB + 1, 1_300_000];

const LARGE = content(11_000_000);
const PART_BYTES = 5 * KIB * KIB;

const OBJECTS = ['one', 'two/ü', 'three & <four>', 'five + %'];

/** Operations with a body, in whatever way it is sent. */
export const BODIES: readonly PayloadCase[] = [
  {
    does: 'puts objects of many sizes, which another client gets',
    drivers: ['fast', 'sdk'],
    run: async (store: ObjectStore, server: ConformanceServer): Promise<unknown> => {
      const found: string[] = [];
      const other = await openDriver(store instanceof FastS3Store ? 'sdk' : 'fast', server);
      for (const size of SIZES) {
        const bytes = content(size);
        await new ObjectClient(store).put('body', bytes);
        const same = bytes.equals(await new ObjectClient(other).get('body'));
        const etag = (await server.etag('body')) === md5(bytes);
        found.push(`${String(size)} ${String(same)} ${String(etag)}`);
      }
      other.close();
      return found;
    },
    answer: SIZES.map((size) => `${String(size)} true true`),
  },
  {
    does: 'uploads an object in parts',
    drivers: ['fast'],
    run: async (store: ObjectStore, server: ConformanceServer): Promise<unknown> => {
      await fast(store).uploadMultipart({
        key: 'in/parts',
        sizeBytes: LARGE.length,
        partBytes: PART_BYTES,
        parallel: 2,
        payloadOf: (part) => ({
          chunk: (offset, length) =>
            LARGE.subarray(part * PART_BYTES).subarray(offset, offset + length),
        }),
      });
      const received = await new ObjectClient(store).get('in/parts');
      return { same: LARGE.equals(received), etag: await server.etag('in/parts') };
    },
    answer: { same: true, etag: etagOfParts(LARGE, PART_BYTES) },
    except: { s3rver: 'gives an object in parts the ETag of its content' },
  },
  {
    does: 'gives up an upload in parts that nobody goes on with, if it is its own',
    drivers: ['fast'],
    run: async (store: ObjectStore, server: ConformanceServer): Promise<unknown> => {
      await server.beginUpload('never/ended');
      const abort = (isOwn: boolean): Promise<number> =>
        fast(store).abortOrphans('never/ended', () => isOwn);
      return [await abort(false), await abort(true), await abort(true)];
    },
    answer: [0, 1, 0],
    except: { s3rver: 'does not list uploads' },
  },
  {
    does: 'finds and deletes an object as the one version that a bucket without versions has',
    drivers: ['fast'],
    run: async (store: ObjectStore): Promise<unknown> => {
      const { versions } = fast(store);
      await new ObjectClient(store).put('one/version', content(3));
      const found: unknown[] = [];
      const collect = async (page: readonly ListedVersion[]): Promise<void> => {
        found.push(...page.map(({ isMarker, key }) => ({ isMarker, key })));
        await versions.delete(page);
      };
      await versions.list('one/', collect);
      await versions.list('one/', collect);
      return { status: await versions.status(), found };
    },
    answer: { status: 'never', found: [{ isMarker: false, key: 'one/version' }] },
    except: { s3rver: 'knows no versions' },
  },
  {
    does: 'deletes many objects, also where there are none',
    drivers: ['fast'],
    run: async (store: ObjectStore): Promise<unknown> => {
      const client = new ObjectClient(store);
      for (const key of OBJECTS) await client.put(`many/${key}`, content(3));
      const keys = [...OBJECTS, 'none'].map((key) => `many/${key}`);
      const failures = await fast(store).deleteObjects(keys);
      return { failures: [...failures], left: await client.list('many/', () => undefined) };
    },
    answer: { failures: [], left: 0 },
  },
];

function fast(store: ObjectStore): FastS3Store {
  if (!(store instanceof FastS3Store)) throw new TypeError('not the fast driver');
  return store;
}

/** MD5 of the MD5s of the parts, a dash, and their number. */
function etagOfParts(bytes: Buffer, partBytes: number): string {
  const count = Math.ceil(bytes.length / partBytes);
  const digests = Array.from({ length: count }, (_, part) =>
    md5(bytes.subarray(part * partBytes, (part + 1) * partBytes)),
  );
  return `${md5(Buffer.from(digests.join(''), 'hex'))}-${String(count)}`;
}
