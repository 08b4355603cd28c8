/** Error codes of S3 that are sent, with status and message (S3 API reference, "Error responses"). */
const S3_ERRORS = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed'],
  AuthorizationQueryParametersError: [400, 'The authorization query parameters are malformed'],
  BadDigest: [400, 'The checksum you specified did not match what we received'],
  BucketAlreadyExists: [409, 'The requested bucket name is not available'],
  BucketAlreadyOwnedByYou: [409, 'Your previous request to create the named bucket succeeded'],
  BucketNotEmpty: [409, 'The bucket you tried to delete is not empty'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed size'],
  ExpiredToken: [400, 'The provided token has expired'],
  IncompleteBody: [400, 'You did not provide the number of bytes specified by Content-Length'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The access key ID you provided does not exist in our records'],
  InvalidArgument: [400, 'Invalid argument'],
  InvalidBucketName: [400, 'The specified bucket is not valid'],
  InvalidDigest: [400, 'The Content-MD5 you specified is not valid'],
  InvalidPart: [400, 'One or more of the specified parts could not be found'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRequest: [400, 'Invalid request'],
  InvalidToken: [400, 'The provided token is malformed or otherwise not valid'],
  InvalidURI: [400, 'Could not parse the specified URI'],
  KeyTooLongError: [400, 'Your key is too long'],
  MalformedTrailerError: [400, 'The request contained trailing data that was not well-formed'],
  MalformedXML: [400, 'The XML you provided was not well-formed or did not validate'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist'],
  NoSuchUpload: [404, 'The specified multipart upload does not exist'],
  NoSuchVersion: [404, 'The specified version does not exist'],
  NotImplemented: [501, 'A header or query you provided implies functionality that is not here'],
  PermanentRedirect: [301, 'The bucket must be addressed using the specified endpoint'],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold'],
  RequestHeaderSectionTooLarge: [431, 'Your request header section is too large'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and our time is too large'],
  RequestTimeout: [400, 'Your connection was not read from or written to within the timeout'],
  ServiceUnavailable: [503, 'Service is unable to handle request'],
  SignatureDoesNotMatch: [403, 'The request signature we calculated does not match yours'],
  SlowDown: [503, 'Please reduce your request rate'],
  TemporaryRedirect: [307, 'Please re-send this request to the specified temporary endpoint'],
  TooManyRequests: [429, 'Please reduce your request rate'],
  XAmzContentSHA256Mismatch: [400, 'x-amz-content-sha256 does not match what was computed'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type S3ErrorCode = keyof typeof S3_ERRORS;

export function isS3ErrorCode(code: unknown): code is S3ErrorCode {
  return typeof code === 'string' && Object.hasOwn(S3_ERRORS, code);
}

export function s3ErrorStatus(code: S3ErrorCode): number {
  return S3_ERRORS[code][0];
}

export function s3ErrorMessage(code: S3ErrorCode): string {
  return S3_ERRORS[code][1];
}
