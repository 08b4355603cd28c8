import { describe, expect, it } from '@jest/globals';
import { planOf } from '../testing/run-plan.ts';
import { type BufferNeeds, bufferNeeds } from './buffer-needs.ts';

const MIB = 1024 * 1024;

/** A plan that prepares objects of 1 MiB and does `operation` with them. */
const needsOf = (target: string, operation: string, stages = ''): BufferNeeds =>
  bufferNeeds(
    planOf(`
target: "${target}"
prepare: {ensure_objects: [{base_uri: data/, count: 5, size_spec: 1MiB}]}
workload: [${operation}]
${stages}
`),
  );

const GET = '{op: get, path: "data/*", weight: 1}';
const PUT = '{op: put, path: new/, object_size: 5000, weight: 1}';
const ONLY_EXECUTE = 'distributed: {stages: [{name: run, order: 1, type: execute}]}';

describe('bufferNeeds()', () => {
  it('is the largest object that a stage writes, in whole blocks', () => {
    expect(needsOf('null://', PUT).payloadBytes).toBe(MIB);
    expect(needsOf('null://', PUT, ONLY_EXECUTE).payloadBytes).toBe(8192);
    expect(needsOf('null://', GET, ONLY_EXECUTE).payloadBytes).toBe(4096);
  });

  it.each([
    ['file:///x/', 'data/*', MIB + 4096],
    ['direct:///x/', 'data/*', MIB + 4096],
    ['file:///x/', 'data/object', Infinity],
    ['direct:///x/', 'others/*', Infinity],
    ['s3://b/', 'data/*', 0],
    ['null://', 'data/*', 0],
  ])('of %s has for reads of %s %d bytes', (target, path, readBytes) => {
    const operation = `{op: get, path: "${path}", weight: 1}`;
    expect(needsOf(target, operation).readBytes).toBe(readBytes);
  });

  it.each([
    ['data/*', '{size: 64KiB}', 65_536 + 4096],
    ['data/*', '{size: 5000}', 8192 + 4096],
    ['data/*', '{size: 1GiB}', MIB + 4096],
    ['others/*', '{size: 64KiB, offset: start}', 65_536 + 4096],
  ])('for parts of %s is no larger than they are: %s', (path, range, readBytes) => {
    const operation = `{op: get, path: "${path}", range: ${range}, weight: 1}`;
    expect(needsOf('direct:///x/', operation).readBytes).toBe(readBytes);
  });

  it('counts the endpoints of which files are read', () => {
    const endpoints = 'multi_endpoint: {endpoints: ["file:///a/", "file:///b/", "file:///c/"]}';
    const several = needsOf('file:///a/', GET, endpoints);
    expect(several).toMatchObject({ readEndpoints: 3, readBytes: MIB + 4096 });
    expect(needsOf('file:///a/', PUT, endpoints)).toMatchObject({ readEndpoints: 0, readBytes: 0 });
  });

  it.each([
    ['s3://b/', '', 1],
    ['s3://b/', 's3: {multipart: {threshold: 1MiB}}', 1],
    ['s3://b/', 's3: {multipart: {threshold: 500KiB}}', 4],
    ['s3://b/', 's3: {multipart: {threshold: 500KiB, parallel: 7}}', 7],
    ['s3://b/', 's3: {transport: sdk, multipart: {threshold: 500KiB}}', 1],
    ['null://', 's3: {multipart: {threshold: 500KiB}}', 1],
  ])('knows how many parts are made side by side (%s %s)', (target, s3, lanes) => {
    expect(needsOf(target, GET, s3).lanes).toBe(lanes);
    expect(needsOf(target, PUT, `${s3}\n${ONLY_EXECUTE}`).lanes).toBe(1);
  });

  it('knows where writes are overlapped with making what is written', () => {
    expect(needsOf('direct:///x/', GET).overlapsWrites).toBe(true);
    expect(needsOf('direct:///x/', GET, ONLY_EXECUTE).overlapsWrites).toBe(false);
    expect(needsOf('file:///x/', PUT).overlapsWrites).toBe(false);
  });
});
