import type { Answer } from '../http/answer.ts';
import { emptyAnswer, type OperationContext } from './operation.ts';

/** DeleteObject; an object that is not there is deleted just as well. */
export function deleteObject({ request, storage }: OperationContext): Answer {
  storage.bucket(request.bucket).delete(request.key);
  return emptyAnswer(204);
}
