/**
 * Which endpoint a worker begins with, where that is modulo the number of endpoints. Workers are numbered through over
 * agents that have equally many of them: so the first requests of all are spread over the endpoints, and those of each
 * agent by itself as well.
 */
export function startEndpoint(agentIndex: number, workers: number, worker: number): number {
  return agentIndex * workers + worker;
}
