/** `YYYYMMDDThhmmssZ` of a time in milliseconds since 1970: the form of x-amz-date. The first eight are the day. */
export function amzDate(timeMs: number): string {
  return new Date(timeMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}
