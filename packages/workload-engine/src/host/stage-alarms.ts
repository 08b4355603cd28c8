import { Alarm } from '../alarm.ts';

/** What is to happen at instants of a stage, unless the stage has ended by then. */
export class StageAlarms {
  readonly #nowNs: () => number;
  readonly #alarms = new Set<Alarm>();

  /** @param nowNs the monotonic clock */
  constructor(nowNs: () => number) {
    this.#nowNs = nowNs;
  }

  /** Calls `act` at an instant of the monotonic clock. */
  at(instantNs: number, act: () => void): void {
    const alarm = new Alarm(instantNs, this.#nowNs, () => {
      this.#alarms.delete(alarm);
      act();
    });
    this.#alarms.add(alarm);
  }

  /** Lets nothing happen any more of what was planned. */
  silence(): void {
    for (const alarm of this.#alarms) alarm.off();
    this.#alarms.clear();
  }
}
