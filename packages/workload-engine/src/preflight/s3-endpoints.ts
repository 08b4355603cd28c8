import { parseStoreUri, type S3Uri } from '@sai3bench/store-uri';
import { type AgentPlan, type StoreNeeds, storeNeeds } from '@sai3bench/workload-config/plan';

/** An endpoint of S3 in a plan. */
export interface S3EndpointOfPlan {
  /** Position of its store in the plan, and its own in the store. */
  readonly store: number;
  readonly endpoint: number;
  readonly address: string;
  readonly uri: S3Uri;
  readonly needs: StoreNeeds;
}

/** All endpoints of S3 of a plan. */
export function s3EndpointsOf(plan: AgentPlan): S3EndpointOfPlan[] {
  const needs = storeNeeds(plan);
  return plan.stores.flatMap(({ endpoints }, store) =>
    endpoints.flatMap((address, endpoint) => {
      const uri = parseStoreUri(address);
      const need = needs[store];
      if (uri.scheme !== 's3' || need === undefined) return [];
      return [{ store, endpoint, address, uri, needs: need }];
    }),
  );
}

/** Whether a plan changes something at an endpoint: one that only reads is not asked to write. */
export function changesObjects({ needs }: Pick<S3EndpointOfPlan, 'needs'>): boolean {
  return needs.write || needs.remove;
}
