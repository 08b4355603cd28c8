import { PayloadGenerator, seedOf } from '@sai3bench/datagen';
import { allocateRecorder, Recorder } from '@sai3bench/stats';
import { GenerateMeter } from '../stage/generate-meter.ts';
import { Slot } from '../stage/slot.ts';
import { SlotPayload } from '../stage/slot-payload.ts';

const generator = new PayloadGenerator(seedOf(0n), 4096);
const meter = new GenerateMeter(new Recorder(allocateRecorder()), () => 0);
const payload = new SlotPayload(generator, 4096, meter);

/** A slot whose request is never sent. */
export function slotStub(): Slot {
  return new Slot(payload, () => undefined);
}
