/**
 * How a request ended, as far as it tells something about its endpoint. `succeeded`. `refused`: the endpoint
 * answered that it will not, as with an object that is not there; it is well. `failed`: it could not be
 * reached, did not answer in time, or answered that it cannot. `withdrawn`: the request was taken back, or never
 * left; nothing is known.
 */
export type RequestResult = 'succeeded' | 'refused' | 'failed' | 'withdrawn';
