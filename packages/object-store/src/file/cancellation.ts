/**
 * How often the operations of a store were cancelled. One that looks before each of its calls, and finds another number than
 * when it began, ends. A call that is with the system cannot be taken back.
 */
export class Cancellation {
  count = 0;
}
