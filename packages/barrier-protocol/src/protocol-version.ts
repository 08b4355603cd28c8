/** Raised when agents and controllers of the old and the new number cannot work together. */
export const PROTOCOL_VERSION = 2;
