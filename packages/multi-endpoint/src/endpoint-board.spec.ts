import { describe, expect, it } from '@jest/globals';
import { allocateEndpointBoard, endpointBoard } from './endpoint-board.ts';
import { allocateEndpointCounters } from './endpoint-counters.ts';

describe('the memory of 1024 endpoints', () => {
  it('is small: what workers share, and what each of them counts', () => {
    expect(allocateEndpointBoard(1024).byteLength).toBeLessThan(64 * 1024);
    expect(allocateEndpointCounters(1024).byteLength).toBeLessThan(64 * 1024);
  });

  it('holds every column of every endpoint apart', () => {
    const board = endpointBoard(allocateEndpointBoard(1024));
    const { length, ...columns } = board;
    expect(length).toBe(1024);
    for (const [index, column] of Object.values(columns).entries()) column.fill(index + 1);
    for (const [index, column] of Object.values(columns).entries()) {
      expect(new Set(column)).toEqual(new Set([index + 1]));
    }
  });
});
