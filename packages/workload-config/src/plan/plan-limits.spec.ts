import { describe, expect, it } from '@jest/globals';
import { BenchError } from '@sai3bench/errors';
import { parseWorkload } from '../parse-workload.ts';

function messageOf(text: string): string {
  try {
    parseWorkload(text, 'w.yaml');
  } catch (error) {
    return BenchError.from(error).message;
  }
  return '';
}

const tree = (target: string, depth: number): string => `
target: ${target}
prepare:
  directory_structure: {width: 2, depth: ${String(depth)}, files_per_dir: 1, distribution: bottom}
  ensure_objects: [{base_uri: data/}]
`;

describe('the limits of storage', () => {
  it('hold for the keys of prepared objects, prefix of the address included', () => {
    // data/, directories of 20 or 21 bytes, and a file name with up to 16 digits.
    expect(messageOf(tree('s3://b/', 45))).toBe('');
    expect(messageOf(tree('s3://b/some-prefix/and-more-of-it/', 45))).toBe('');
    expect(messageOf(tree('s3://b/', 50))).toBe(
      'w.yaml:5:20: keys would get up to 1,071 bytes long, but S3 allows 1,024: shorten the path, or make the tree less deep',
    );
    expect(messageOf(tree(`s3://b/${'p'.repeat(100)}/`, 45))).toContain('S3 allows 1,024');
    expect(messageOf(tree('file:///x/', 50))).toBe('');
  });

  it('hold for every endpoint', () => {
    const long = `s3://10.0.0.2/${'b'.repeat(20)}/${'p'.repeat(1020)}/`;
    expect(
      messageOf(
        `multi_endpoint: {endpoints: ["s3://10.0.0.1/b/", "${long}"]}\nprepare: {ensure_objects: [{count: 1}]}`,
      ),
    ).toContain('keys would get up to 1,042 bytes long');
  });

  it('hold for paths of files and each name in them, counted in bytes', () => {
    const objects = (path: string): string =>
      messageOf(`target: file:///x/\nprepare: {ensure_objects: [{base_uri: "${path}", count: 1}]}`);
    expect(objects(`${'n'.repeat(255)}/`)).toBe('');
    expect(objects(`${'ü'.repeat(128)}/`)).toContain('is 256 bytes long, but a name');
    expect(objects('directory/'.repeat(410))).toContain(
      'paths would get up to 4,124 bytes long, but 4,095 are the most',
    );
  });

  it('hold for what put makes', () => {
    const put = `workload: [{op: put, path: "${'p'.repeat(250)}/", object_size: 1, weight: 1}]`;
    expect(messageOf(`target: s3://b/${'q'.repeat(700)}/\n${put}`)).toBe('');
    expect(messageOf(`target: s3://b/${'q'.repeat(720)}/\n${put}`)).toContain('S3 allows 1,024');
  });

  it('end the counting of objects at 2^53', () => {
    expect(
      messageOf(
        'target: s3://b/\nprepare: {ensure_objects: [{count: 9_000_000_000_000_000}, {base_uri: a/, count: 9_000_000_000_000_000}]}',
      ),
    ).toContain('there are more than 2^53 objects in all');
  });
});
