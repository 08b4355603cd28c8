import { describe, expect, it } from '@jest/globals';
import { allocateRecorder, OperationStats, Recorder, RecorderReader } from '@sai3bench/stats';
import { GenerateMeter } from './generate-meter.ts';

/** A meter, and a clock that takes 50 ns to be read and is otherwise moved by hand. */
function makeMeter(): {
  readonly piece: (lengthBytes: number, takesNs: number, apart: boolean) => void;
  readonly stats: () => OperationStats;
} {
  const memory = allocateRecorder();
  const reader = new RecorderReader(memory);
  let now = 0;
  const meter = new GenerateMeter(new Recorder(memory), () => (now += 50));
  return {
    piece: (lengthBytes, takesNs, apart) => {
      const weight = meter.weightOf(lengthBytes);
      const startNs = weight === 0 ? 0 : meter.nowNs();
      now += takesNs;
      if (weight > 0) meter.measured(meter.nowNs() - startNs, weight, apart);
    },
    stats: () => {
      const stats = new OperationStats();
      stats.add(reader.takeDelta());
      return stats;
    },
  };
}

describe('GenerateMeter', () => {
  it('measures every large piece, without the time that reading the clock takes', () => {
    const { piece, stats } = makeMeter();
    piece(512 * 1024, 10_000, true);
    piece(512 * 1024, 20_000, false);
    expect(stats().times('PUT')).toMatchObject({ generateNs: 30_000, generateApartNs: 10_000 });
  });

  it('lets one small piece in sixteen stand for all of them', () => {
    const { piece, stats } = makeMeter();
    for (let i = 0; i < 160; i++) piece(4096, 200, true);
    expect(stats().times('PUT').generateNs).toBe(160 * 200);
  });
});
